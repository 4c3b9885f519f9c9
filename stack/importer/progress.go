package importer

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// NewProgress answers a Config.Progress that draws a bar on a terminal, and elsewhere writes a line for each tenth.
func NewProgress(w io.Writer, terminal bool) func(phase string, done, of int) {
	p := &progress{w: w, terminal: terminal}
	return p.show
}

type progress struct {
	w        io.Writer
	terminal bool

	mu    sync.Mutex
	phase string
	tenth int
	drawn time.Time
}

// redraw is how often a bar moves at the most.
const redraw = 100 * time.Millisecond

func (p *progress) show(phase string, done, of int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if phase != p.phase {
		p.phase, p.tenth, p.drawn = phase, 0, time.Time{}
	}
	if !p.terminal {
		if tenth := 10 * done / max(of, 1); tenth > p.tenth {
			p.tenth = tenth
			fmt.Fprintf(p.w, "%s: %d of %d\n", phase, done, of)
		}
		return
	}
	if done < of && time.Since(p.drawn) < redraw {
		return
	}
	p.drawn = time.Now()
	const width = 40
	full := width * done / max(of, 1)
	fmt.Fprintf(p.w, "\r%-14s [%s%s] %d/%d ", phase, strings.Repeat("#", full), strings.Repeat(".", width-full), done, of)
	if done == of {
		fmt.Fprintln(p.w)
	}
}

package local

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// logFilter keeps a program's log in a file and passes its warnings and errors on, in a form for people: each message at most once
// in quiet.
type logFilter struct {
	program string
	file    io.Writer
	warn    func(line string)
	now     func() time.Time

	mu    sync.Mutex
	rest  []byte
	shown map[string]time.Time
}

const quiet = 10 * time.Second

func (l *logFilter) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n, err := l.file.Write(text); err != nil {
		return n, err
	}
	l.rest = append(l.rest, text...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			return len(text), nil
		}
		l.show(line)
		l.rest = bytes.Clone(rest)
	}
}

func (l *logFilter) show(line []byte) {
	kind, text := warningIn(line)
	if kind == "" {
		return
	}
	if last, seen := l.shown[kind]; seen && l.now().Sub(last) < quiet {
		return
	}
	if l.shown == nil {
		l.shown = map[string]time.Time{}
	}
	l.shown[kind] = l.now()
	l.warn(l.program + ": " + text)
}

// warningIn is a line of a log for people, and what kind of line it is, if it is a warning or worse; otherwise both are empty. What is
// no log record at all, such as the lines of a panic, are all of one kind.
func warningIn(line []byte) (kind, text string) {
	if len(bytes.TrimSpace(line)) == 0 {
		return "", ""
	}
	record := map[string]any{}
	if err := json.Unmarshal(line, &record); err != nil {
		return "unstructured", string(line)
	}
	level, _ := record["level"].(string)
	if level != "WARN" && level != "ERROR" {
		return "", ""
	}
	kind = strings.ToLower(level) + ": " + fmt.Sprint(record["msg"])
	text = kind
	for _, known := range []string{"time", "level", "msg", "context", "component"} {
		delete(record, known)
	}
	for _, key := range slices.Sorted(maps.Keys(record)) {
		text += fmt.Sprintf(" %s=%v", key, record[key])
	}
	return kind, text
}

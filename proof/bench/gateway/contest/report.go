package contest

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Table prints what was measured of one operation, in Markdown. A rate above 0 is that of the open loop.
func Table(w io.Writer, all []*Figures, operation string, rate float64) {
	head := []string{operation, "requests/s", "p50", "p95", "p99"}
	if rate > 0 {
		head = append(head, fmt.Sprintf("p99 at %.0f/s", rate))
	}
	head = append(head, "CPU s per 1,000", "peak RSS", "upstream requests", "of many at once", "the other core is busy")
	row(w, head)
	row(w, strings.Split(strings.Repeat("-", len(head)), ""))
	for _, f := range all {
		if f.Operation.Name != operation {
			continue
		}
		cells := []string{
			strings.TrimSpace(f.Gateway.Name + " " + f.Gateway.Version), fmt.Sprintf("%.0f", f.Closed.PerSecond()), milliseconds(f.Closed.Quantile(0.5)), milliseconds(f.Closed.Quantile(0.95)),
			milliseconds(f.Closed.Quantile(0.99)),
		}
		if rate > 0 {
			cells = append(cells, milliseconds(f.Open.Quantile(0.99)))
		}
		cells = append(cells, fmt.Sprintf("%.3f", f.PerThousand().Seconds()), fmt.Sprintf("%.0f MB", megabytes(f.Gateway)), fmt.Sprintf("%.3g", f.Alone), fmt.Sprintf("%.2f", f.Fanout()), fmt.Sprintf("%.0f %%", 100*f.Load()))
		row(w, cells)
	}
}

func row(w io.Writer, cells []string) { fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) }

func milliseconds(d time.Duration) string {
	switch {
	case d == 0:
		return "–"
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
	default:
		return fmt.Sprintf("%.0f ms", float64(d)/float64(time.Millisecond))
	}
}

func megabytes(g *Gateway) float64 { return float64(g.process.peak()) / 1e6 }

// Aims prints how ours stands to the others, beside what it aims at; upstream is how many requests it may make for each operation.
func Aims(w io.Writer, all []*Figures, ours string, upstream map[string]float64) {
	row(w, []string{"aim", "", "measured", "reached"})
	row(w, []string{"-", "-", "-", "-"})
	for _, operation := range slices.Sorted(maps.Keys(upstream)) {
		us, others := among(all, ours, operation)
		if us == nil {
			continue
		}
		for _, other := range others {
			share, aimed := map[string]float64{grafbase: 0.75, hive: 0.1}[other.Gateway.Name]
			if aimed {
				ratio := us.PerThousand().Seconds() / other.PerThousand().Seconds()
				aim(w, fmt.Sprintf("%s: CPU beside %s", operation, other.Gateway.Name), share, ratio, "%.3g")
			}
			ours, theirs := us.Open.Quantile(0.99), other.Open.Quantile(0.99)
			if other.Gateway.Peer && theirs > 0 {
				aim(w, fmt.Sprintf("%s: p99 beside %s", operation, other.Gateway.Name), 1, float64(ours)/float64(theirs), "%.3g")
			}
		}
		aim(w, operation+": upstream requests", upstream[operation], us.Alone, "%.3g")
		aim(w, operation+": peak RSS in MB", mostMemory, megabytes(us.Gateway), "%.0f")
	}
}

// mostMemory is what our gateway may need, in MB.
const mostMemory = 80

func among(all []*Figures, ours, operation string) (us *Figures, others []*Figures) {
	for _, f := range all {
		switch {
		case f.Operation.Name != operation:
		case f.Gateway.Name == ours:
			us = f
		default:
			others = append(others, f)
		}
	}
	return us, others
}

func aim(w io.Writer, what string, most, measured float64, format string) {
	reached := "yes"
	if measured > most {
		reached = "no"
	}
	row(w, []string{what, fmt.Sprintf("at most "+format, most), fmt.Sprintf(format, measured), reached})
}

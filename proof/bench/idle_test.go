package bench

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"quadrille.dev/proof/system"
	"quadrille.dev/stack/local"
)

const (
	// quiet is how long a system does nothing before it is idle: until the runtimes have given back what starting took.
	quiet = 20 * time.Second
	// starts is how often each program is started again.
	starts = 5
)

// BenchmarkIdle prints, for each program of a system that nobody uses, and for the command that keeps it running, how much memory the
// kernel says that it takes, of which how much is its own and how much are pages of its file; and how long it takes from its start to
// saying that it is ready, with its neighbours and servers up. It is what `make bench-idle` runs.
func BenchmarkIdle(b *testing.B) {
	quadrille := system.Start(b, nil)
	if err := quadrille.Seed(b.Context()); err != nil {
		b.Fatal(err)
	}
	time.Sleep(quiet)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\nprogram\tMB\tits own\tof its file\tready after ms, median\tat worst\t")
	var together memory
	idle := map[string]memory{}
	for _, program := range local.Programs {
		idle[program.Name] = memoryOf(b, quadrille.PID(program.Name))
	}
	for _, program := range local.Programs {
		took, ready := idle[program.Name], restarts(b, quadrille, program.Name)
		together = together.plus(took)
		fmt.Fprintf(table, "%s\t%v\t%.0f\t%.0f\t\n", program.Name, took, milliseconds(ready, 50), milliseconds(ready, 100))
		b.ReportMetric(milliseconds(ready, 50), "ms-"+program.Name)
	}
	if keeper := ancestor(b, "quadrille"); keeper > 0 {
		took := memoryOf(b, keeper)
		together = together.plus(took)
		fmt.Fprintf(table, "quadrille\t%v\t\t\t\n", took)
	}
	fmt.Fprintf(table, "together\t%v\t\t\t\n", together)
	if err := table.Flush(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(together.resident, "MB-together")
}

// restarts kills a program and starts it again, a few times, and answers how long it took each time from its start to being ready.
func restarts(b *testing.B, quadrille *system.System, program string) []time.Duration {
	b.Helper()
	took := make([]time.Duration, starts)
	for i := range took {
		quadrille.Halt(program)
		ready := make(chan time.Time, 1)
		began := time.Now()
		go func() { ready <- awaitReady(b.Context(), quadrille.URL(program)+"/readyz") }()
		if err := quadrille.Restart(b.Context(), program); err != nil {
			b.Fatal(err)
		}
		took[i] = (<-ready).Sub(began)
	}
	return took
}

// awaitReady asks every millisecond, and answers when the answer came that it is ready.
func awaitReady(ctx context.Context, address string) time.Time {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for ctx.Err() == nil {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
		if err != nil {
			break
		}
		if response, err := client.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				break
			}
		}
		time.Sleep(time.Millisecond)
	}
	return time.Now()
}

// memory is what a process takes, in MB.
type memory struct{ resident, own, file float64 }

func (m memory) plus(other memory) memory {
	return memory{m.resident + other.resident, m.own + other.own, m.file + other.file}
}

func (m memory) String() string { return fmt.Sprintf("%.1f\t%.1f\t%.1f", m.resident, m.own, m.file) }

// kilobyte is the kernel's, in MB.
const kilobyte = 1024.0 / 1e6

var statusLine = regexp.MustCompile(`(?m)^(\w+):\s+(\d+)( kB)?$`)

// memoryOf is what the kernel says of a process.
func memoryOf(b *testing.B, pid int) memory {
	b.Helper()
	status := statusOf(b, pid)
	return memory{resident: status["VmRSS"] * kilobyte, own: status["RssAnon"] * kilobyte, file: status["RssFile"] * kilobyte}
}

func statusOf(b *testing.B, pid int) map[string]float64 {
	b.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		b.Fatal(err)
	}
	status := map[string]float64{}
	for _, line := range statusLine.FindAllStringSubmatch(string(text), -1) {
		status[line[1]], _ = strconv.ParseFloat(line[2], 64) // digits only
	}
	return status
}

// ancestor is the nearest process above this one that runs a program; 0 if none does.
func ancestor(b *testing.B, program string) int {
	b.Helper()
	for pid := os.Getpid(); pid > 1; pid = int(statusOf(b, pid)["PPid"]) {
		name, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "comm"))
		if err == nil && strings.TrimSpace(string(name)) == program {
			return pid
		}
	}
	return 0
}

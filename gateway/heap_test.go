package gateway

import (
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"

	"quadrille.dev/platform/testkit/allocate"
)

func TestTheHeapIsCollectedAfterItsHeadroomAndNotBefore(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	end := collect(50)
	runtime.GC()
	goal := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(goal)
	room := int64(goal[0].Value.Uint64() - goal[1].Value.Uint64())
	if room < headroom || room > 2*headroom {
		t.Errorf("collected after %d bytes", room)
	}
	end()
}

// A process that is new has it from memory that was never written to, as a gateway has that starts.
func TestTheHeadroomIsAllocatedAndTakesNoMemory(t *testing.T) {
	allocate.SkipUnderRace(t)
	const afresh = "AFRESH"
	if os.Getenv(afresh) == "" {
		again := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$")
		again.Env = append(os.Environ(), afresh+"=yes")
		if said, err := again.CombinedOutput(); err != nil {
			t.Errorf("in a new process: %v\n%s", err, said)
		}
		return
	}
	before := resident(t)
	end := collect(50)
	runtime.GC()
	if grown := resident(t) - before; grown > headroom/2 {
		t.Errorf("it takes %d bytes of memory", grown)
	}
	end()
}

// resident is how much memory the process has.
func resident(t *testing.T) int {
	t.Helper()
	content, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("there is no /proc here")
	}
	pages, err := strconv.Atoi(strings.Fields(string(content))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

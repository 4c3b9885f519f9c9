package chaos

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/stack/local/localtest"
)

// What `make chaos` does is set by environment; what `make test` does is this.
const (
	boundedSeed   = 42
	boundedOrders = 320
	boundedFaults = 20
)

func number(t *testing.T, variable string, otherwise int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// TestNothingIsLostOrDoubledWhateverBreaks goes through a schedule of orders and faults, and then holds databases and ledgers against
// the design's invariants, and what every context has committed against what every subscriber has handled.
func TestNothingIsLostOrDoubledWhateverBreaks(t *testing.T) {
	orders := number(t, "CHAOS_ORDERS", boundedOrders)
	schedule := NewSchedule(uint64(number(t, "CHAOS_SEED", boundedSeed)), orders, number(t, "CHAOS_FAULTS", boundedFaults))
	t.Logf("seed %d: %d orders in %d rounds", schedule.Seed, orders, len(schedule.Rounds))
	trial := begin(t, localtest.StartServers(t), "")
	trial.stock(t, orders)
	if err := trial.run(t.Context(), schedule); err != nil {
		t.Fatal(err)
	}
	broken := time.Now()
	trial.AwaitRest(t, patience)
	rest := time.Since(broken)
	faults, err := trial.verdict(t.Context(), patience)
	if err != nil {
		t.Fatal(err)
	}
	untold, err := trial.endFollowers(t.Context(), patience)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range append(faults, untold...) {
		t.Error(fault)
	}
	if seen := trial.CheckInvariants(t); seen != orders {
		t.Errorf("%d orders were placed, and %d are there", orders, seen)
	}
	report, err := trial.report(t.Context(), schedule, rest)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(report)
}

func TestASeedGivesOneSchedule(t *testing.T) {
	schedule := NewSchedule(7, 300, 20)
	if diff := cmp.Diff(schedule, NewSchedule(7, 300, 20)); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(schedule.Rounds, NewSchedule(8, 300, 20).Rounds) {
		t.Error("another seed gives the same schedule")
	}
	orders, faults := 0, map[Kind]int{}
	for _, round := range schedule.Rounds {
		orders += len(round.Orders)
		for _, fault := range round.Faults {
			faults[fault.Kind]++
		}
	}
	if orders != 300 {
		t.Errorf("%d orders of 300", orders)
	}
	for _, k := range kinds {
		if faults[k.name] == 0 {
			t.Errorf("no fault is a %s", k.name)
		}
	}
}

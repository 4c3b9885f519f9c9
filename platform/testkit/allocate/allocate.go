// Package allocate fails tests of what takes more allocations than it did, which is how hot paths get slow.
package allocate

import "testing"

// AtMost fails the test if do allocates more often than that, on the average. Under the race detector, which allocates too, it is skipped.
func AtMost(t *testing.T, allocations float64, do func()) {
	t.Helper()
	SkipUnderRace(t)
	if counted := testing.AllocsPerRun(100, do); counted > allocations {
		t.Errorf("%.0f allocations, and at most %.0f are expected", counted, allocations)
	}
}

// SkipUnderRace skips a test of memory under the race detector, which allocates too.
func SkipUnderRace(t *testing.T) {
	t.Helper()
	if race {
		t.Skip("the race detector allocates too")
	}
}

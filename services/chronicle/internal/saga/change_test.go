package saga_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatAFactChangesInHowASagaStands(t *testing.T) {
	for facts, want := range map[run]string{
		"placed":                                   "RUNNING: place RUNNING to DONE, reserve PENDING to RUNNING, invoice PENDING to RUNNING",
		"placed reserved":                          "RUNNING: reserve RUNNING to DONE, charge PENDING to RUNNING",
		"placed reserved reserved":                 "RUNNING:",
		"reserved placed":                          "RUNNING: place RUNNING to DONE, invoice PENDING to RUNNING, charge PENDING to RUNNING",
		"placed reserved stalled":                  "RUNNING, stalled:",
		"placed reserved stalled captured":         "RUNNING: charge RUNNING to DONE, arrange PENDING to RUNNING",
		"placed reserved captured issued failed":   "COMPENSATING: place DONE to COMPENSATING, reserve DONE to COMPENSATING, invoice DONE to COMPENSATING, charge DONE to COMPENSATING, arrange RUNNING to FAILED, deduct PENDING to SKIPPED, fulfil PENDING to SKIPPED, dispatch PENDING to SKIPPED, deliver PENDING to SKIPPED",
		"placed reserved captured failed refunded": "COMPENSATING: charge COMPENSATING to COMPENSATED",
	} {
		t.Run(string(facts), func(t *testing.T) {
			all, _ := facts.facts(t)
			change := hear(all).Since(hear(all[:len(all)-1]))
			var got strings.Builder
			got.WriteString(string(change.State))
			if change.Stalled {
				got.WriteString(", stalled")
			}
			got.WriteString(":")
			for i, step := range change.Steps {
				if i > 0 {
					got.WriteString(",")
				}
				fmt.Fprintf(&got, " %s %s to %s", step.Name, step.From, step.To)
			}
			if diff := cmp.Diff(want, got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

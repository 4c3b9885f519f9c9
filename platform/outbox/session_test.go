package outbox

import (
	"testing"
	"time"
)

// A relay that was frozen wakes up in front of a full window; its publisher is nil here, so that publishing anything would panic.
func TestARelayThatWasPausedPublishesNothingBeforeItHasProvenItsOwnership(t *testing.T) {
	t.Parallel()
	lane := aggregate{"/ordering", "1"}
	s := &session{
		relay:  &Relay{window: maxWindow, config: RelayConfig{Ownership: defaultOwnership}},
		proven: time.Now().Add(-defaultOwnership/unproven - time.Second),
		lanes:  map[aggregate][]row{lane: {{aggregate: lane}}}, ready: []aggregate{lane},
	}
	if err := s.publish(); err != nil {
		t.Fatal(err)
	}
	if len(s.flight) != 0 || len(s.ready) != 1 || !s.due {
		t.Errorf("%d in flight, %d ready, a turn is due: %t", len(s.flight), len(s.ready), s.due)
	}
}

func TestAFactIsNotOverdueForTheTimeInWhichNothingCouldBeConfirmed(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := &session{
		relay:  &Relay{config: RelayConfig{Patience: defaultPatience}},
		flight: []flying{{since: now.Add(-3 * defaultPatience)}, {since: now.Add(-2 * defaultPatience)}, {since: now}},
	}
	if overdue := s.overdue(now); len(overdue) != 2 {
		t.Errorf("%d facts are overdue", len(overdue))
	}
	s.patrol.excused = now.Add(-defaultPatience / 2)
	if overdue := s.overdue(now); len(overdue) != 0 {
		t.Errorf("%d facts are overdue while the broker was blocked", len(overdue))
	}
}

// Package together has calls that are made at the same time made as one.
//
// Who starts several things that may each call makes a Meeting of them and gives each a seat. What one of them then asks for waits for the
// others, until each of them either asks too or leaves; and is asked for in one call with what they ask for.
package together

import (
	"context"
	"sync"
	"time"
)

// patience is how long one waits for the others: no answer depends on whether they come.
const patience = 20 * time.Millisecond

// meeting is of those who may ask at the same time.
type meeting struct {
	mu       sync.Mutex
	expected int
	begun    bool
	parts    []any
	complete chan struct{}
	over     chan struct{}
}

// Seat is one's place in a meeting. Nil is a place in none.
type Seat struct {
	meeting *meeting
	once    sync.Once
}

// Meeting makes seats for as many as may ask.
func Meeting(of int) []*Seat {
	m := &meeting{expected: of, complete: make(chan struct{}), over: make(chan struct{})}
	seats := make([]*Seat, of)
	for i := range seats {
		seats[i] = &Seat{meeting: m}
	}
	return seats
}

type key struct{}

// With returns a context in which whoever asks sits on a seat.
func (s *Seat) With(ctx context.Context) context.Context {
	if s == nil {
		return ctx
	}
	return context.WithValue(ctx, key{}, s)
}

// Leave says that nothing is asked for any more from a seat.
func (s *Seat) Leave() {
	if s != nil {
		s.once.Do(func() { s.meeting.come(nil) })
	}
}

// Leave says so of the seat in ctx.
func Leave(ctx context.Context) {
	if seat, ok := ctx.Value(key{}).(*Seat); ok {
		seat.Leave()
	}
}

// come counts one who has come, with a part or to leave. It answers false for a part that comes too late.
func (m *meeting) come(part any) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expected--
	if part != nil && !m.begun {
		m.parts = append(m.parts, part)
	}
	if m.expected == 0 && !m.begun {
		close(m.complete)
	}
	return !m.begun
}

// Ask has a part asked for, by itself or with those of others in the meeting that ctx has a seat in. It returns when ask, which one of them
// calls, has; or with an error at the end of ctx.
func Ask[P any](ctx context.Context, part P, ask func(parts []P)) error {
	seat, _ := ctx.Value(key{}).(*Seat)
	met := false
	if seat != nil {
		seat.once.Do(func() { met = seat.meeting.come(part) })
	}
	if !met {
		ask([]P{part})
		return nil
	}
	m := seat.meeting
	patient := time.NewTimer(patience)
	defer patient.Stop()
	select {
	case <-m.complete:
	case <-patient.C:
	case <-ctx.Done():
		// What was said to be asked for is asked for nevertheless, in vain.
	}
	parts, first := begin[P](m)
	if first {
		defer close(m.over)
		ask(parts)
		return nil
	}
	select {
	case <-m.over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin is what is asked for, for the first who begins.
func begin[P any](m *meeting) (parts []P, first bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.begun {
		return nil, false
	}
	m.begun = true
	for _, part := range m.parts {
		parts = append(parts, part.(P))
	}
	return parts, true
}

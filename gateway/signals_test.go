package gateway

import (
	"context"
	"testing"
	"time"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
)

// TestSignalsComeOverRabbitMQ lets a real chronicle's link signal. Signals may be lost while the gateway has not connected yet,
// so the facts go on until one is told.
func TestSignalsComeOverRabbitMQ(t *testing.T) {
	url := testkit.RabbitMQ(t)
	chronicle := rabbit.New(rabbit.Config{URL: url, Name: "chronicle"})
	t.Cleanup(chronicle.Close)
	mine := rabbit.New(rabbit.Config{URL: url, Name: "gateway"})
	t.Cleanup(mine.Close)
	listening := &counted{Signals: mine, heard: make(chan struct{}, 100)}
	w := newWorldWith(t, listening)

	signalling := time.NewTicker(50 * time.Millisecond)
	defer signalling.Stop()
	for heard := false; !heard; {
		select {
		case <-signalling.C:
			chronicle.Signal(t.Context(), "saga.changed", map[string]any{"saga": id(3, 1), "sequence": 3})
		case <-listening.heard:
			heard = true
		case <-time.After(time.Minute):
			t.Fatal("no signal was heard")
		}
	}

	s := w.dial(w.token(ada))
	s.subscribe(id(3, 1), nil)
	s.change()
	w.chronicle.record(1)
	chronicle.Signal(t.Context(), "saga.changed", map[string]any{"saga": id(3, 1), "sequence": 3})
	if got := s.change().brief(); got != "3 "+id(4, 3)+" PLACED" {
		t.Errorf("got %q", got)
	}
}

// counted tells of each signal that is heard.
type counted struct {
	Signals
	heard chan struct{}
}

func (c *counted) Listen(ctx context.Context, from, key string, reconnected func(), handle func(key string, message []byte)) error {
	return c.Signals.Listen(ctx, from, key, reconnected, func(key string, message []byte) {
		handle(key, message)
		select {
		case c.heard <- struct{}{}:
		default:
		}
	})
}

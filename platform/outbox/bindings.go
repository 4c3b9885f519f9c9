package outbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"quadrille.dev/platform/rabbit"
)

// Bindings are looked at this often, and more often while the relay is paused.
const (
	watchEvery  = time.Minute
	watchPaused = 2 * time.Second
)

// bindingWatch pauses a relay while a declared binding is missing. A missing binding loses facts without a sign, because what
// catches all keeps mandatory facts from being returned.
type bindingWatch struct {
	relay *Relay
	// missing asks which of the declared bindings are not there.
	missing func(ctx context.Context) ([]rabbit.Binding, error)
	paused  bool
	timer   *time.Timer
	asking  bool
	answers chan bindingAnswer
}

type bindingAnswer struct {
	missing []rabbit.Binding
	err     error
}

// newBindingWatch starts paused, when there is something to watch: nothing is published before the first answer.
func newBindingWatch(r *Relay) *bindingWatch {
	w := &bindingWatch{relay: r, answers: make(chan bindingAnswer, 1)}
	w.missing = func(ctx context.Context) ([]rabbit.Binding, error) {
		return r.config.Broker.MissingBindings(ctx, r.config.Consumers)
	}
	if len(r.config.Consumers) > 0 {
		w.pause("its bindings are not known yet")
		w.timer = time.NewTimer(0)
	}
	return w
}

// pause says why the relay publishes nothing; no reason lets it go on.
func (w *bindingWatch) pause(reason string) {
	w.paused = reason != ""
	w.relay.paused.Store(&reason)
}

func (w *bindingWatch) due() <-chan time.Time {
	if w.timer == nil {
		return nil
	}
	return w.timer.C
}

func (w *bindingWatch) ask(ctx context.Context) {
	w.asking = true
	go func() {
		missing, err := w.missing(ctx)
		w.answers <- bindingAnswer{missing, err}
	}()
}

// take decides whether to pause. Without an answer, what was known last holds.
func (w *bindingWatch) take(answer bindingAnswer) {
	w.asking = false
	switch {
	case answer.err != nil:
		w.relay.log.Error("cannot look at bindings", "paused", w.paused, "error", answer.err)
	case len(answer.missing) > 0:
		w.pause(reasonOf(answer.missing))
		w.relay.log.Error("relay pauses: bindings are missing", "missing", answer.missing)
	default:
		w.pause("")
	}
	w.timer.Reset(watchEvery)
	if w.paused {
		w.timer.Reset(watchPaused)
	}
}

// reasonOf names the bindings that are missing.
func reasonOf(missing []rabbit.Binding) string {
	reasons := make([]string, len(missing))
	for i, b := range missing {
		reasons[i] = fmt.Sprintf("%s is not bound to %s by %s", b.Destination, b.Source, b.RoutingKey)
	}
	slices.Sort(reasons)
	return strings.Join(reasons, "; ")
}

func (w *bindingWatch) stop(cancel context.CancelFunc) {
	cancel()
	if w.timer != nil {
		w.timer.Stop()
	}
	if w.asking {
		<-w.answers
	}
}

package outbox

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"quadrille.dev/platform/rabbit"
)

// retrial is how often a routing key that is set apart is tried.
var retrial = rabbit.Backoff{First: time.Second, Most: 30 * time.Second}

// apart are the routing keys for which there is a queue that confirms nothing. A channel that publishes to such a queue gets no
// confirms for anything else either, so facts under these keys rest until one of them is confirmed over a channel of its own.
type apart struct {
	some atomic.Bool
	mu   sync.Mutex
	// facts are what is tried, by routing key.
	facts map[string]row
	added chan struct{}
}

func newApart() *apart { return &apart{facts: map[string]row{}, added: make(chan struct{}, 1)} }

func (a *apart) has(routingKey string) bool {
	if !a.some.Load() {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	_, has := a.facts[routingKey]
	return has
}

func (a *apart) add(fact row) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.facts[fact.routingKey] = fact
	a.some.Store(true)
	select {
	case a.added <- struct{}{}:
	default:
	}
}

func (a *apart) remove(routingKey string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.facts, routingKey)
	a.some.Store(len(a.facts) > 0)
}

func (a *apart) all() []row {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Values(a.facts))
}

// oldestByKey are the first facts of a flight under each routing key.
func oldestByKey(flight []flying) map[string]row {
	oldest := map[string]row{}
	for _, f := range slices.Backward(flight) {
		oldest[f.row.routingKey] = f.row
	}
	return oldest
}

// sift sets the routing keys of a flight apart under which nothing is confirmed, and answers them, and whether that is all of them.
func (r *Relay) sift(ctx context.Context, flight []flying) (silent []string, all bool) {
	facts := oldestByKey(flight)
	var mu sync.Mutex
	var trials sync.WaitGroup
	for key, fact := range facts {
		trials.Go(func() {
			if r.answers(ctx, fact, r.config.Patience/3) {
				r.apart.remove(key)
				return
			}
			r.apart.add(fact)
			mu.Lock()
			defer mu.Unlock()
			silent = append(silent, key)
		})
	}
	trials.Wait()
	slices.Sort(silent)
	return silent, len(silent) == len(facts)
}

// retry tries what is set apart until ctx ends.
func (r *Relay) retry(ctx context.Context) {
	for failures := 1; ; failures++ {
		facts := r.apart.all()
		if len(facts) == 0 {
			failures = 0
			select {
			case <-r.apart.added:
				continue
			case <-ctx.Done():
				return
			}
		}
		if retrial.Wait(ctx, failures) != nil {
			return
		}
		for _, fact := range facts {
			if r.answers(ctx, fact, r.config.Patience) {
				r.apart.remove(fact.routingKey)
				r.log.Info("facts are confirmed again", "routingKey", fact.routingKey)
			}
		}
	}
}

// answers tells whether the broker takes or refuses a fact in time that is published over a channel of its own, as it may be at any time.
func (r *Relay) answers(ctx context.Context, fact row, patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answered := make(chan bool, 1)
	go func() { answered <- r.try(ctx, fact) }() // A broker that reads nothing holds it up until the connection ends.
	select {
	case yes := <-answered:
		return yes
	case <-ctx.Done():
		return false
	}
}

func (r *Relay) try(ctx context.Context, fact row) bool {
	attributes, err := fact.fact()
	if err != nil {
		return true // It is not the broker's fault.
	}
	publisher, err := r.config.Broker.Publisher(ctx, 1)
	if err != nil {
		return false
	}
	defer publisher.Leave()
	confirm, err := publisher.Publish(fact.routingKey, attributes, fact.envelope)
	if err != nil {
		return errors.Is(err, rabbit.ErrUnpublishable)
	}
	_, err = confirm.WaitContext(ctx)
	return err == nil && publisher.Open()
}

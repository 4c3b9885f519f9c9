package rabbit

import (
	"context"
	"fmt"
	"net/url"
	"slices"
)

// MissingBindings answers which of the declared bindings of the context's events are not there: consumers maps each fact to
// the queues that must get it. Without consumers or a management API it answers none.
func (b *Broker) MissingBindings(ctx context.Context, consumers map[string][]string) ([]Binding, error) {
	if b.config.ManagementURL == "" || len(consumers) == 0 {
		return nil, nil
	}
	actual, err := b.bindings(ctx, EventsExchange(b.config.Name))
	if err != nil {
		return nil, err
	}
	var missing []Binding
	for fact, queues := range consumers {
		context, key := splitFact(fact)
		for _, queue := range queues {
			exact := Binding{EventsExchange(context), queue, key}
			catchAll := Binding{EventsExchange(context), queue, everything}
			if !slices.Contains(actual, exact) && !slices.Contains(actual, catchAll) {
				missing = append(missing, exact)
			}
		}
	}
	return missing, nil
}

func (b *Broker) bindings(ctx context.Context, exchange string) ([]Binding, error) {
	var bindings []Binding
	path := func(vhost string) string {
		return "/api/exchanges/" + vhost + "/" + url.PathEscape(exchange) + "/bindings/source"
	}
	if err := b.ask(ctx, path, &bindings); err != nil {
		return nil, fmt.Errorf("ask for bindings of %s: %w", exchange, err)
	}
	return bindings, nil
}

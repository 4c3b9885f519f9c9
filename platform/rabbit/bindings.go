package rabbit

import (
	"context"
	"fmt"
	"net/url"
	"slices"
)

// MissingBindings answers which of the declared bindings of what the context publishes are not there: consumers maps each fact to
// the queues that must get it. Without consumers or a management API it answers none.
func (b *Broker) MissingBindings(ctx context.Context, consumers map[string][]string) ([]Binding, error) {
	if b.config.ManagementURL == "" || len(consumers) == 0 {
		return nil, nil
	}
	actual := map[string][]Binding{}
	var missing []Binding
	for fact, queues := range consumers {
		exchange := exchangeOf(fact)
		if _, asked := actual[exchange]; !asked {
			found, err := b.bindings(ctx, exchange)
			if err != nil {
				return nil, err
			}
			actual[exchange] = found
		}
		_, key := splitFact(fact)
		for _, queue := range queues {
			exact, catchAll := Binding{exchange, queue, key}, Binding{exchange, queue, everything}
			if !slices.Contains(actual[exchange], exact) && !slices.Contains(actual[exchange], catchAll) {
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

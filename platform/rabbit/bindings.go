package rabbit

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// managementTimeout bounds a question to the management API.
const managementTimeout = 5 * time.Second

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
	uri, err := amqp.ParseURI(b.config.URL)
	if err != nil {
		return nil, fmt.Errorf("read AMQP URL: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, managementTimeout)
	defer cancel()
	path := "/api/exchanges/" + url.PathEscape(uri.Vhost) + "/" + url.PathEscape(exchange) + "/bindings/source"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(b.config.ManagementURL, "/")+path, nil)
	if err != nil {
		return nil, fmt.Errorf("ask for bindings of %s: %w", exchange, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask for bindings of %s: %w", exchange, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask for bindings of %s: %s", exchange, response.Status)
	}
	var bindings []Binding
	if err := json.NewDecoder(response.Body).Decode(&bindings); err != nil {
		return nil, fmt.Errorf("read bindings of %s: %w", exchange, err)
	}
	return bindings, nil
}

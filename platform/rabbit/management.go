package rabbit

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// managementTimeout bounds a question to the management API.
const managementTimeout = 5 * time.Second

// ask reads an answer of the management API about the context's virtual host.
func (b *Broker) ask(ctx context.Context, path func(vhost string) string, answer any) error {
	uri, err := amqp.ParseURI(b.config.URL)
	if err != nil {
		return fmt.Errorf("read AMQP URL: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, managementTimeout)
	defer cancel()
	address := strings.TrimSuffix(b.config.ManagementURL, "/") + path(url.PathEscape(uri.Vhost))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the management API answers %s", response.Status)
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

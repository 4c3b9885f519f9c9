package acl

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"quadrille.dev/platform/telemetry"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// callTimeout bounds a call to the carrier. It is well below the lease, so that an answer is stored before the call is due again.
const callTimeout = 5 * time.Second

// Carrier is the carrier.
type Carrier struct {
	url    string
	client *http.Client
}

// NewCarrier is the carrier at a URL, called over at most so many connections.
func NewCarrier(url string, connections int) *Carrier {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy, transport.MaxIdleConnsPerHost = nil, connections
	client := &http.Client{Transport: transport, Timeout: callTimeout}
	if telemetry.Exports() {
		client.Transport = otelhttp.NewTransport(transport)
	}
	return &Carrier{url: strings.TrimSuffix(url, "/"), client: client}
}

// said is every answer of the carrier's.
type said struct {
	TrackingNumber   string `json:"trackingNumber"`
	CollectionNumber string `json:"collectionNumber"`
	Carrier          string `json:"carrier"`
	Status           string `json:"status"`
	Error            string `json:"error"`
	Message          string `json:"message"`
}

// Ask makes a call. An error means that the answer is lost: whether the carrier did it is unknown.
func (c *Carrier) Ask(ctx context.Context, call app.Call) (app.Answer, error) {
	booking := "/bookings/" + url.PathEscape(call.TrackingNumber)
	switch call.Operation {
	case shipment.Book:
		return c.book(ctx, call)
	case shipment.Cancel:
		return c.expect(ctx, call.Key(), http.MethodPost, booking+"/cancellation", "CANCELLED")
	case shipment.HandOver:
		return c.expect(ctx, call.Key(), http.MethodPost, booking+"/handover", "IN_TRANSIT", "DELIVERED")
	case shipment.Track:
		return c.track(ctx, call, booking)
	case shipment.NoOperation:
	}
	return app.Answer{}, fmt.Errorf("ask the carrier: no operation %q", call.Operation)
}

func (c *Carrier) book(ctx context.Context, call app.Call) (app.Answer, error) {
	body, err := json.Marshal(struct {
		OrderID string          `json:"orderId"`
		Address shippingAddress `json:"address"`
	}{call.Order.String(), shippingAddress(call.Address)})
	if err != nil {
		return app.Answer{}, fmt.Errorf("ask the carrier: %w", err)
	}
	status, s, err := c.send(ctx, call.Key(), http.MethodPost, "/bookings", body)
	switch {
	case err != nil:
		return app.Answer{}, err
	case status == http.StatusCreated && s.TrackingNumber != "" && s.Carrier != "":
		return app.Answer{Outcome: app.Done, Carrier: s.Carrier, TrackingNumber: s.TrackingNumber}, nil
	case status == http.StatusUnprocessableEntity:
		return refusal(s, call.Address), nil
	}
	return app.Answer{}, misunderstood(status, s)
}

// expect asks for a change after which a booking or a pick-up has one of the statuses.
func (c *Carrier) expect(ctx context.Context, key, method, path string, statuses ...string) (app.Answer, error) {
	status, s, err := c.send(ctx, key, method, path, nil)
	if err != nil {
		return app.Answer{}, err
	}
	for _, expected := range statuses {
		if status == http.StatusOK && s.Status == expected {
			return app.Answer{Outcome: app.Done}, nil
		}
	}
	return app.Answer{}, misunderstood(status, s)
}

func (c *Carrier) track(ctx context.Context, call app.Call, path string) (app.Answer, error) {
	status, s, err := c.send(ctx, call.Key(), http.MethodGet, path, nil)
	switch {
	case err != nil:
		return app.Answer{}, err
	case status == http.StatusOK && s.Status == "DELIVERED":
		return app.Answer{Outcome: app.Done}, nil
	case status == http.StatusOK && s.Status == "IN_TRANSIT":
		return app.Answer{Outcome: app.Refused}, nil
	}
	return app.Answer{}, misunderstood(status, s)
}

func (c *Carrier) send(ctx context.Context, key, method, path string, body []byte) (int, said, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, said{}, fmt.Errorf("ask the carrier: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	response, err := c.client.Do(r)
	if err != nil {
		return 0, said{}, fmt.Errorf("ask the carrier: %w", err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return 0, said{}, fmt.Errorf("hear the carrier: %w", err)
	}
	var s said
	if err := json.Unmarshal(answer, &s); err != nil {
		return 0, said{}, fmt.Errorf("understand the carrier, status %d: %w", response.StatusCode, err)
	}
	return response.StatusCode, s, nil
}

func misunderstood(status int, s said) error {
	return fmt.Errorf("understand the carrier: status %d, %q %s", status, s.Status, s.Error)
}

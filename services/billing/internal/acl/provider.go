package acl

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"quadrille.dev/platform/personal"
	"quadrille.dev/platform/telemetry"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
)

// callTimeout bounds a call to the provider. It is well below the lease, so that an answer is stored before the call is due again.
const callTimeout = 5 * time.Second

// Provider is the payment provider, which speaks Stripe's language.
type Provider struct {
	url    string
	client *http.Client
}

// NewProvider is the provider at a URL, called over at most so many connections.
func NewProvider(url string, connections int) *Provider {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy, transport.MaxIdleConnsPerHost = nil, connections
	client := &http.Client{Transport: transport, Timeout: callTimeout}
	if telemetry.Exports() {
		client.Transport = otelhttp.NewTransport(transport)
	}
	return &Provider{url: strings.TrimSuffix(url, "/"), client: client}
}

// Ask makes a call. An error means that the answer is lost: whether the provider did it is unknown.
func (p *Provider) Ask(ctx context.Context, call app.Call) (app.Answer, error) {
	switch call.Operation {
	case account.Charge:
		return p.post(ctx, "/v1/payment_intents", call.Key(), url.Values{
			"amount":             {strconv.FormatInt(call.Amount.Minor, 10)},
			"currency":           {strings.ToLower(call.Amount.Currency)},
			"payment_method":     {call.Token},
			"confirm":            {"true"},
			"metadata[order_id]": {call.Order.String()},
		})
	case account.Refund:
		return p.post(ctx, "/v1/refunds", call.Key(), url.Values{
			"payment_intent": {call.ChargeID},
			"amount":         {strconv.FormatInt(call.Amount.Minor, 10)},
		})
	case account.NoOperation:
	}
	return app.Answer{}, fmt.Errorf("ask the provider: no operation %q", call.Operation)
}

func (p *Provider) post(ctx context.Context, path, key string, form url.Values) (app.Answer, error) {
	status, body, err := p.send(ctx, http.MethodPost, path, key, strings.NewReader(form.Encode()))
	if err != nil {
		return app.Answer{}, err
	}
	answer, err := understand(status, body)
	answer.Reason = personal.Without(answer.Reason, form.Get("payment_method"))
	return answer, err
}

// send makes a request, with a key unless that is empty, and answers what comes back.
func (p *Provider) send(ctx context.Context, method, path, key string, form io.Reader) (status int, body []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, method, p.url+path, form)
	if err != nil {
		return 0, nil, fmt.Errorf("ask the provider: %w", err)
	}
	if key != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Idempotency-Key", key)
	}
	response, err := p.client.Do(r)
	if err != nil {
		return 0, nil, fmt.Errorf("ask the provider: %w", err)
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return 0, nil, fmt.Errorf("hear the provider: %w", err)
	}
	return response.StatusCode, body, nil
}

// understand turns Stripe's answer into ours. Only what says for certain that nothing was done is a refusal.
func understand(status int, body []byte) (app.Answer, error) {
	var said struct {
		ID     string
		Status string
		Error  struct{ Type, Code, Message string }
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return app.Answer{}, fmt.Errorf("understand the provider, status %d: %w", status, err)
	}
	missing := status == http.StatusBadRequest && said.Error.Code == "resource_missing"
	switch {
	case status == http.StatusOK && said.Status == "succeeded" && said.ID != "":
		return app.Answer{Outcome: app.Done, Reference: said.ID}, nil
	case status == http.StatusPaymentRequired || missing:
		reason := cmp.Or(said.Error.Message, said.Error.Code, "The payment provider refused.")
		return app.Answer{Outcome: app.Refused, Reason: reason}, nil
	}
	return app.Answer{}, fmt.Errorf("understand the provider: status %d, %q %s %s", status, said.Status, said.Error.Type, said.Error.Code)
}

package acl_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/acl"
	"quadrille.dev/services/billing/internal/app"
)

var charge = app.Call{
	Order:     account.OrderID{UUID: uuid.MustParse("01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01")},
	Operation: account.Charge, Amount: money.Money{Minor: 425, Currency: "GBP"}, Token: visa,
}

const visa = "pm_card_visa"

func serving(t *testing.T, handler http.HandlerFunc) *acl.Provider {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return acl.NewProvider(server.URL, 1)
}

func TestTheProviderIsAskedInItsWords(t *testing.T) {
	refund := charge
	refund.Operation, refund.ChargeID = account.Refund, "pi_1"
	for _, test := range []struct {
		call      app.Call
		path, key string
		form      url.Values
	}{
		{charge, "/v1/payment_intents", "charge-01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01", url.Values{
			"amount": {"425"}, "currency": {"gbp"}, "payment_method": {"pm_card_visa"}, "confirm": {"true"},
			"metadata[order_id]": {"01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01"},
		}},
		{refund, "/v1/refunds", "refund-01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01", url.Values{
			"amount": {"425"}, "payment_intent": {"pi_1"},
		}},
	} {
		provider := serving(t, func(w http.ResponseWriter, r *http.Request) {
			if err := r.ParseForm(); err != nil {
				t.Error(err)
			}
			if r.Method != http.MethodPost || r.URL.Path != test.path || r.Header.Get("Idempotency-Key") != test.key {
				t.Errorf("%s %s under %s", r.Method, r.URL, r.Header.Get("Idempotency-Key"))
			}
			if diff := cmp.Diff(test.form, r.PostForm); diff != "" {
				t.Error(diff)
			}
			_, _ = w.Write([]byte(`{"id":"x_1","status":"succeeded"}`))
		})
		answer, err := provider.Ask(t.Context(), test.call)
		if want := (app.Answer{Outcome: app.Done, Reference: "x_1"}); err != nil || answer != want {
			t.Errorf("%+v, %v", answer, err)
		}
	}
}

func TestTheProviderIsUnderstood(t *testing.T) {
	refused := func(reason string) app.Answer { return app.Answer{Outcome: app.Refused, Reason: reason} }
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   app.Answer
		lost   bool
	}{
		{"declined", 402, `{"error":{"type":"card_error","code":"card_declined","message":"No."}}`, refused("No."), false},
		{"no message", 402, `{"error":{"code":"card_declined"}}`, refused("card_declined"), false},
		{"unknown method", 400, `{"error":{"code":"resource_missing","message":"None."}}`, refused("None."), false},
		{"key of another", 400, `{"error":{"type":"idempotency_error"}}`, app.Answer{}, true},
		{"not finished", 200, `{"id":"pi_1","status":"processing"}`, app.Answer{}, true},
		{"no id", 200, `{"status":"succeeded"}`, app.Answer{}, true},
		{"rubbish", 200, `<html>`, app.Answer{}, true},
		{"failing", 500, `{"error":{"type":"api_error"}}`, app.Answer{}, true},
		{"too much", 429, `{}`, app.Answer{}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			provider := serving(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			})
			answer, err := provider.Ask(t.Context(), charge)
			if answer != test.want || (err != nil) != test.lost {
				t.Errorf("%+v, %v", answer, err)
			}
		})
	}
}

func TestAProviderThatIsDownOrHangsLosesAnswers(t *testing.T) {
	down := httptest.NewServer(nil)
	down.Close()
	if _, err := acl.NewProvider(down.URL, 1).Ask(t.Context(), charge); err == nil {
		t.Error("a provider that is down has answered")
	}
	hanging := serving(t, func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		<-r.Context().Done()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := hanging.Ask(ctx, charge); err == nil {
		t.Error("a provider that hangs has answered")
	}
}

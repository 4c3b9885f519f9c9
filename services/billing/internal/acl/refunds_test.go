package acl_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/billing/internal/app"
	"quadrille.dev/services/billing/internal/refund"
)

const returnID = "01996f60-2b10-7a3c-8d55-0c4e7b9a1e01"

func asking(operation refund.Operation) app.RefundCall {
	return app.RefundCall{
		Return: refund.ReturnID{UUID: uuid.MustParse(returnID)}, Order: charge.Order, Operation: operation,
		Amount: money.Money{Minor: 300, Currency: "GBP"}, ChargeID: "pi_1",
	}
}

func TestARefundIsAskedForInTheProvidersWords(t *testing.T) {
	provider := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		if r.Method != http.MethodPost || r.URL.Path != "/v1/refunds" || r.Header.Get("Idempotency-Key") != "refund-"+returnID {
			t.Errorf("%s %s under %s", r.Method, r.URL, r.Header.Get("Idempotency-Key"))
		}
		want := url.Values{"payment_intent": {"pi_1"}, "amount": {"300"}, "metadata[return_id]": {returnID}}
		if diff := cmp.Diff(want, r.PostForm); diff != "" {
			t.Error(diff)
		}
		_, _ = w.Write([]byte(`{"id":"re_1","status":"succeeded"}`))
	})
	answer, err := provider.AskForReturn(t.Context(), asking(refund.Give))
	if want := (app.Answer{Outcome: app.Done, Reference: "re_1"}); err != nil || answer != want {
		t.Errorf("%+v, %v", answer, err)
	}
}

func TestWhichAnswersRefuseARefundForGood(t *testing.T) {
	refused := func(reason string) app.Answer { return app.Answer{Outcome: app.Refused, Reason: reason} }
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   app.Answer
		lost   bool
	}{
		{"too much", 400, `{"error":{"type":"invalid_request_error","code":"amount_too_large","message":"No."}}`, refused("No."), false},
		{"no message", 400, `{"error":{"type":"invalid_request_error","code":"charge_not_refundable"}}`, refused("charge_not_refundable"), false},
		{"unknown charge", 404, `{"error":{"type":"invalid_request_error","message":"None."}}`, refused("None."), false},
		{"no funds", 402, `{"error":{"type":"card_error","message":"None."}}`, refused("None."), false},
		{"has failed", 200, `{"id":"re_1","status":"failed"}`, refused("The refund has failed."), false},
		{"key of another", 400, `{"error":{"type":"idempotency_error"}}`, app.Answer{}, true},
		{"key in use", 409, `{"error":{"type":"invalid_request_error"}}`, app.Answer{}, true},
		{"no right", 401, `{"error":{"type":"invalid_request_error"}}`, app.Answer{}, true},
		{"not finished", 200, `{"id":"re_1","status":"pending"}`, app.Answer{}, true},
		{"no id", 200, `{"status":"succeeded"}`, app.Answer{}, true},
		{"rubbish", 400, `<html>`, app.Answer{}, true},
		{"failing", 500, `{"error":{"type":"api_error"}}`, app.Answer{}, true},
		{"too often", 429, `{"error":{"type":"invalid_request_error","code":"rate_limit"}}`, app.Answer{}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			provider := serving(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			})
			answer, err := provider.AskForReturn(t.Context(), asking(refund.Give))
			if answer != test.want || (err != nil) != test.lost {
				t.Errorf("%+v, %v", answer, err)
			}
		})
	}
}

func TestARefundIsLookedForAmongThoseOfItsCharge(t *testing.T) {
	of := func(id, status, returned string) string {
		return `{"id":"` + id + `","status":"` + status + `","metadata":{"return_id":"` + returned + `"}}`
	}
	list := func(more, refunds string) string {
		return `{"object":"list","has_more":` + more + `,"data":[` + refunds + `]}`
	}
	done := app.Answer{Outcome: app.Done, Reference: "re_1"}
	none := app.Answer{Outcome: app.Refused, Reason: "The provider knows of no refund."}
	for _, test := range []struct {
		name  string
		pages map[string]string
		want  app.Answer
		lost  bool
	}{
		{"none", map[string]string{"": list("false", "")}, none, false},
		{"another's", map[string]string{"": list("false", of("re_2", "succeeded", "x"))}, none, false},
		{"it", map[string]string{"": list("false", of("re_2", "succeeded", "x")+","+of("re_1", "succeeded", returnID))}, done, false},
		{"it, later", map[string]string{
			"": list("true", of("re_2", "succeeded", "x")), "re_2": list("false", of("re_1", "succeeded", returnID)),
		}, done, false},
		{"one that has failed", map[string]string{"": list("false", of("re_1", "failed", returnID))}, none, false},
		{"one under way", map[string]string{"": list("false", of("re_1", "pending", returnID))}, app.Answer{}, true},
		{"no list", map[string]string{"": `{}`}, app.Answer{}, true},
		{"rubbish", map[string]string{"": `<html>`}, app.Answer{}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			provider := serving(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet || r.URL.Path != "/v1/refunds" || r.FormValue("payment_intent") != "pi_1" {
					t.Errorf("%s %s", r.Method, r.URL)
				}
				_, _ = w.Write([]byte(test.pages[r.FormValue("starting_after")]))
			})
			answer, err := provider.AskForReturn(t.Context(), asking(refund.Find))
			if answer != test.want || (err != nil) != test.lost {
				t.Errorf("%+v, %v", answer, err)
			}
		})
	}
}

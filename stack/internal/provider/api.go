package provider

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"quadrille.dev/stack/internal/sandbox"
)

var currencyCode = regexp.MustCompile(`^[a-z]{3}$`)

// charge is POST /v1/payment_intents with confirm=true.
func (p *Provider) charge(w http.ResponseWriter, r *http.Request) {
	amount, ok := readForm(w, r)
	if !ok {
		return
	}
	if !currencyCode.MatchString(r.PostForm.Get("currency")) {
		refuse(w, http.StatusBadRequest, "invalid_request_error", "parameter_invalid", "currency is three lower-case letters")
		return
	}
	if r.PostForm.Get("confirm") != "true" {
		refuse(w, http.StatusBadRequest, "invalid_request_error", "parameter_invalid", "only confirm=true is known here")
		return
	}
	if r.PostForm.Get("payment_method") == flaky && p.hang(r) {
		return
	}
	p.once(w, r, func() record { return decideCharge(r, amount) })
}

// hang keeps a request of a flaky card until the client gives up, and tells whether it did.
func (p *Provider) hang(r *http.Request) bool {
	key := r.Header.Get("Idempotency-Key")
	p.mu.Lock()
	_, answered := p.answers[key]
	hanging := !answered && p.hung[key] < hangs
	if hanging {
		p.hung[key]++
	}
	p.mu.Unlock()
	if hanging {
		<-r.Context().Done()
	}
	return hanging
}

func decideCharge(r *http.Request, amount int64) record {
	switch r.PostForm.Get("payment_method") {
	case visa, flaky, refundFail:
		order, currency := r.PostForm.Get("metadata[order_id]"), r.PostForm.Get("currency")
		entry := &Entry{
			Kind: "charge", ID: "ch_" + rand.Text(), OrderID: order, Amount: amount, Currency: currency,
			PaymentIntent: "pi_" + rand.Text(), At: time.Now().UTC(),
		}
		final := r.PostForm.Get("payment_method") == refundFail
		return record{Status: http.StatusOK, Entry: entry, Final: final, Body: encode(map[string]any{
			"id": entry.PaymentIntent, "object": "payment_intent", "status": "succeeded", "amount": amount, "currency": currency,
			"latest_charge": entry.ID, "metadata": map[string]string{"order_id": order},
		})}
	case declined:
		return refusal(http.StatusPaymentRequired, "card_error", "card_declined", "Your card was declined.")
	default:
		return refusal(http.StatusBadRequest, "invalid_request_error", "resource_missing", "No such payment method.")
	}
}

// refund is POST /v1/refunds.
func (p *Provider) refund(w http.ResponseWriter, r *http.Request) {
	amount, ok := readForm(w, r)
	if !ok {
		return
	}
	p.once(w, r, func() record {
		return p.decideRefund(r.PostForm.Get("payment_intent"), r.PostForm.Get("metadata[return_id]"), amount)
	})
}

func (p *Provider) decideRefund(paymentIntent, returnID string, amount int64) record {
	charged, ok := p.intents[paymentIntent]
	switch {
	case !ok:
		return refusal(http.StatusBadRequest, "invalid_request_error", "resource_missing", "No such payment intent.")
	case charged.final:
		return refusal(http.StatusBadRequest, "invalid_request_error", "charge_not_refundable", "This charge cannot be refunded.")
	case amount > charged.left:
		return refusal(http.StatusBadRequest, "invalid_request_error", "amount_too_large", "That is more than was charged.")
	}
	entry := &Entry{
		Kind: "refund", ID: "re_" + rand.Text(), OrderID: charged.orderID, Amount: amount, Currency: charged.currency,
		PaymentIntent: paymentIntent, ReturnID: returnID, At: time.Now().UTC(),
	}
	return record{Status: http.StatusOK, Entry: entry, Body: encode(entry.refund())}
}

// refund is how the API shows a refund.
func (e Entry) refund() map[string]any {
	metadata := map[string]string{}
	if e.ReturnID != "" {
		metadata["return_id"] = e.ReturnID
	}
	return map[string]any{
		"id": e.ID, "object": "refund", "status": "succeeded", "amount": e.Amount, "currency": e.Currency,
		"payment_intent": e.PaymentIntent, "metadata": metadata,
	}
}

// refunds is GET /v1/refunds of a payment intent. The list is always whole.
func (p *Provider) refunds(w http.ResponseWriter, r *http.Request) {
	intent := r.URL.Query().Get("payment_intent")
	list := []map[string]any{}
	p.mu.Lock()
	charged, ok := p.intents[intent]
	if ok {
		for _, i := range p.byOrder[charged.orderID] {
			if e := p.entries[i]; e.Kind == "refund" && e.PaymentIntent == intent {
				list = append(list, e.refund())
			}
		}
	}
	p.mu.Unlock()
	if !ok {
		refuse(w, http.StatusBadRequest, "invalid_request_error", "resource_missing", "No such payment intent.")
		return
	}
	sandbox.WriteJSON(w, http.StatusOK, map[string]any{"object": "list", "data": list, "has_more": false})
}

// readForm reads what both requests have: a form, a key and an amount. When it cannot, it has answered.
func readForm(w http.ResponseWriter, r *http.Request) (amount int64, ok bool) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, "invalid_request_error", "parameter_invalid", err.Error())
		return 0, false
	}
	if r.Header.Get("Idempotency-Key") == "" {
		refuse(w, http.StatusBadRequest, "invalid_request_error", "parameter_missing", "Idempotency-Key is needed")
		return 0, false
	}
	amount, err := strconv.ParseInt(r.PostForm.Get("amount"), 10, 64)
	if err != nil || amount <= 0 {
		refuse(w, http.StatusBadRequest, "invalid_request_error", "parameter_invalid_integer", "amount is a positive integer")
		return 0, false
	}
	return amount, true
}

func refusal(status int, kind, code, message string) record {
	return record{Status: status, Body: encode(map[string]any{
		"error": map[string]string{"type": kind, "code": code, "message": message},
	})}
}

// refuse answers without remembering it under the key.
func refuse(w http.ResponseWriter, status int, kind, code, message string) {
	sandbox.WriteJSON(w, status, refusal(status, kind, code, message).Body)
}

func encode(body any) json.RawMessage {
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return encoded
}

package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// sandboxed is a provider on a ledger, whose process can die.
type sandboxed struct {
	t    *testing.T
	path string
	*httptest.Server
}

func start(t *testing.T) *sandboxed {
	s := &sandboxed{t: t, path: filepath.Join(t.TempDir(), "ledger")}
	s.open()
	return s
}

// open begins on what is on the disk; an earlier provider is left as a kill leaves it.
func (s *sandboxed) open() {
	s.t.Helper()
	p, err := Open(s.path)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Server = httptest.NewServer(p.Handler())
	s.t.Cleanup(s.Close)
	s.t.Cleanup(func() { _ = p.Close() })
}

func (s *sandboxed) post(ctx context.Context, path, key string, form url.Values) (int, string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Idempotency-Key", key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	var body json.RawMessage
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		return 0, "", err
	}
	return answer.StatusCode, string(body), nil
}

func (s *sandboxed) ask(path, key string, form url.Values) (int, string) {
	s.t.Helper()
	status, body, err := s.post(s.t.Context(), path, key, form)
	if err != nil {
		s.t.Fatal(err)
	}
	return status, body
}

func (s *sandboxed) ledger(order string) []Entry {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.Config.Handler.ServeHTTP(w, httptest.NewRequestWithContext(s.t.Context(), http.MethodGet, "/v1/ledger?order_id="+order, nil))
	var body struct{ Entries []Entry }
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		s.t.Fatal(err)
	}
	return body.Entries
}

func charging(order, method, amount string) url.Values {
	return url.Values{
		"amount": {amount}, "currency": {"gbp"}, "payment_method": {method}, "confirm": {"true"}, "metadata[order_id]": {order},
	}
}

func TestCharge(t *testing.T) {
	s := start(t)
	for _, test := range []struct {
		name, method, amount string
		status               int
		says                 string
		entries              int
	}{
		{"succeeds", "pm_card_visa", "425", http.StatusOK, `"status":"succeeded"`, 1},
		{"unrefundable", "pm_card_refundFail", "425", http.StatusOK, `"status":"succeeded"`, 1},
		{"declined", "pm_card_chargeDeclined", "425", http.StatusPaymentRequired, `"card_declined"`, 0},
		{"unknown", "pm_card_mine", "425", http.StatusBadRequest, `"resource_missing"`, 0},
		{"nothing", "pm_card_visa", "0", http.StatusBadRequest, `"parameter_invalid_integer"`, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			form := charging(test.name, test.method, test.amount)
			status, body := s.ask("/v1/payment_intents", "charge-"+test.name, form)
			if status != test.status || !strings.Contains(body, test.says) {
				t.Errorf("%d %s", status, body)
			}
			againStatus, again := s.ask("/v1/payment_intents", "charge-"+test.name, form)
			if againStatus != status || again != body {
				t.Errorf("asked again: %d %s", againStatus, again)
			}
			if entries := s.ledger(test.name); len(entries) != test.entries {
				t.Errorf("ledger: %+v", entries)
			}
		})
	}
}

func TestKeyOfOtherParameters(t *testing.T) {
	s := start(t)
	s.ask("/v1/payment_intents", "k", charging("o", "pm_card_visa", "1"))
	status, body := s.ask("/v1/payment_intents", "k", charging("o", "pm_card_visa", "2"))
	if status != http.StatusBadRequest || !strings.Contains(body, "idempotency_error") {
		t.Errorf("%d %s", status, body)
	}
}

func TestFlakyCardHangsTwice(t *testing.T) {
	s := start(t)
	form := charging("o", "pm_card_flaky", "425")
	for range hangs {
		gone, giveUp := context.WithCancel(t.Context())
		giveUp()
		r := httptest.NewRequestWithContext(gone, http.MethodPost, "/v1/payment_intents", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Idempotency-Key", "k")
		w := httptest.NewRecorder()
		if s.Config.Handler.ServeHTTP(w, r); w.Body.Len() != 0 {
			t.Errorf("it did not hang: %s", w.Body)
		}
	}
	if entries := s.ledger("o"); len(entries) != 0 {
		t.Errorf("hanging has charged: %+v", entries)
	}
	if status, body := s.ask("/v1/payment_intents", "k", form); status != http.StatusOK {
		t.Errorf("the third time: %d %s", status, body)
	}
}

// charged charges an order 425, and answers a form that refunds so much of it for a return.
func (s *sandboxed) charged(order, method string) func(returnID, amount string) url.Values {
	s.t.Helper()
	_, body := s.ask("/v1/payment_intents", "charge-"+order, charging(order, method, "425"))
	var charged struct{ ID string }
	if err := json.Unmarshal([]byte(body), &charged); err != nil {
		s.t.Fatal(err)
	}
	return func(returnID, amount string) url.Values {
		return url.Values{"payment_intent": {charged.ID}, "amount": {amount}, "metadata[return_id]": {returnID}}
	}
}

func TestRefundsOfPartOfACharge(t *testing.T) {
	s := start(t)
	refunding := s.charged("o", "pm_card_visa")
	for _, test := range []struct {
		key, amount string
		status      int
		says        string
	}{
		{"a", "300", http.StatusOK, `"return_id":"a"`},
		{"a", "300", http.StatusOK, `"return_id":"a"`},
		{"b", "126", http.StatusBadRequest, `"amount_too_large"`},
		{"c", "125", http.StatusOK, `"status":"succeeded"`},
		{"d", "1", http.StatusBadRequest, `"amount_too_large"`},
		{"a", "299", http.StatusBadRequest, `"idempotency_error"`},
	} {
		if status, body := s.ask("/v1/refunds", test.key, refunding(test.key, test.amount)); status != test.status || !strings.Contains(body, test.says) {
			t.Errorf("%s %s: %d %s", test.key, test.amount, status, body)
		}
	}
	entries := s.ledger("o")
	if len(entries) != 3 || entries[1].ReturnID != "a" || entries[1].Amount != 300 || entries[2].ReturnID != "c" || entries[2].Kind != "refund" {
		t.Errorf("ledger: %+v", entries)
	}
}

// Not even a kill has it refund what it refused.
func TestACardThatCannotBeRefunded(t *testing.T) {
	s := start(t)
	refunding := s.charged("o", "pm_card_refundFail")
	for _, key := range []string{"a", "a", "b"} {
		if status, body := s.ask("/v1/refunds", key, refunding(key, "1")); status != http.StatusBadRequest || !strings.Contains(body, `"charge_not_refundable"`) {
			t.Errorf("%s: %d %s", key, status, body)
		}
		s.open()
	}
	if entries := s.ledger("o"); len(entries) != 1 {
		t.Errorf("ledger: %+v", entries)
	}
}

func TestRefundsAreListedByPaymentIntent(t *testing.T) {
	s := start(t)
	refunding := s.charged("o", "pm_card_visa")
	list := func(intent string) (int, string) {
		w := httptest.NewRecorder()
		s.Config.Handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/refunds?limit=100&payment_intent="+intent, nil))
		return w.Code, w.Body.String()
	}
	intent := refunding("", "")["payment_intent"][0]
	if status, body := list(intent); status != http.StatusOK || !strings.Contains(body, `"data":[]`) {
		t.Errorf("none yet: %d %s", status, body)
	}
	s.ask("/v1/refunds", "a", refunding("a", "300"))
	s.ask("/v1/refunds", "b", s.charged("other", "pm_card_visa")("b", "300"))
	s.open()
	if status, body := list(intent); status != http.StatusOK || strings.Count(body, `"re_`) != 1 || !strings.Contains(body, `{"return_id":"a"}`) {
		t.Errorf("%d %s", status, body)
	}
	if status, body := list("pi_unknown"); status != http.StatusBadRequest || !strings.Contains(body, `"resource_missing"`) {
		t.Errorf("unknown: %d %s", status, body)
	}
}

func TestNothingIsLostOrChargedTwiceByAKill(t *testing.T) {
	s := start(t)
	first := map[string]string{}
	for i := range 20 {
		order := fmt.Sprint("o", i)
		_, first[order] = s.ask("/v1/payment_intents", order, charging(order, "pm_card_visa", "100"))
	}
	s.open()
	for order, body := range first {
		if _, again := s.ask("/v1/payment_intents", order, charging(order, "pm_card_visa", "100")); again != body {
			t.Errorf("%s: first %s, after the kill %s", order, body, again)
		}
		if entries := s.ledger(order); len(entries) != 1 {
			t.Errorf("%s: %+v", order, entries)
		}
	}
}

func TestOneKeyAtOnceChargesOnce(t *testing.T) {
	s := start(t)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			status, body, err := s.post(t.Context(), "/v1/payment_intents", "k", charging("o", "pm_card_visa", "1"))
			if err != nil || status != http.StatusOK {
				t.Errorf("%d %s %v", status, body, err)
			}
		})
	}
	all.Wait()
	if entries := s.ledger("o"); len(entries) != 1 {
		t.Errorf("%+v", entries)
	}
}

func BenchmarkCharge(b *testing.B) {
	p, err := Open(filepath.Join(b.TempDir(), "ledger"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = p.Close() })
	handler := p.Handler()
	var n sync.Mutex
	next := 0
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n.Lock()
			next++
			key := fmt.Sprint(next)
			n.Unlock()
			form := strings.NewReader(charging(key, "pm_card_visa", "1").Encode())
			r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/v1/payment_intents", form)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Idempotency-Key", key)
			w := httptest.NewRecorder()
			if handler.ServeHTTP(w, r); w.Code != http.StatusOK {
				b.Fatal(w.Body)
			}
		}
	})
}

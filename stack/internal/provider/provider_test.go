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

func TestRefund(t *testing.T) {
	s := start(t)
	_, body := s.ask("/v1/payment_intents", "c", charging("o", "pm_card_visa", "425"))
	var charged struct{ ID string }
	if err := json.Unmarshal([]byte(body), &charged); err != nil {
		t.Fatal(err)
	}
	refunding := func(amount string) url.Values { return url.Values{"payment_intent": {charged.ID}, "amount": {amount}} }
	if status, body := s.ask("/v1/refunds", "r", refunding("425")); status != http.StatusOK || !strings.Contains(body, "re_") {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := s.ask("/v1/refunds", "r", refunding("425")); status != http.StatusOK {
		t.Errorf("asked again: %d", status)
	}
	if status, body := s.ask("/v1/refunds", "other", refunding("1")); status != http.StatusBadRequest {
		t.Errorf("more than was charged: %d %s", status, body)
	}
	if entries := s.ledger("o"); len(entries) != 2 || entries[1].Kind != "refund" || entries[1].Amount != 425 {
		t.Errorf("ledger: %+v", entries)
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

// Package provider is the sandbox payment provider: Stripe's payment intents and refunds for four test tokens, with idempotency
// keys, and a ledger that tells the truth about money.
package provider

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"quadrille.dev/stack/internal/sandbox"
)

// The test tokens.
const (
	visa       = "pm_card_visa"
	declined   = "pm_card_chargeDeclined"
	flaky      = "pm_card_flaky"
	refundFail = "pm_card_refundFail"
)

// hangs is how many requests under one key hang before a flaky card works.
const hangs = 2

// Provider answers the API.
type Provider struct {
	journal *sandbox.Journal[record]

	mu      sync.Mutex
	answers map[string]*answer
	intents map[string]*intent
	entries []Entry
	byOrder map[string][]int
	hung    map[string]int
}

// Entry is money that moved.
type Entry struct {
	// Kind is charge or refund.
	Kind          string `json:"kind"`
	ID            string `json:"id"`
	OrderID       string `json:"order_id"`
	Amount        int64  `json:"amount"`
	Currency      string `json:"currency"`
	PaymentIntent string `json:"payment_intent"`
	// ReturnID is what a refund's metadata say that it is for.
	ReturnID string    `json:"return_id,omitempty"`
	At       time.Time `json:"at"`
}

// record is a line of the journal: what was answered under a key, and the money that it moved.
type record struct {
	Key         string          `json:"key"`
	Fingerprint string          `json:"fingerprint"`
	Status      int             `json:"status"`
	Body        json.RawMessage `json:"body"`
	Entry       *Entry          `json:"entry,omitempty"`
	// Final tells that what was charged cannot be refunded.
	Final bool `json:"final,omitempty"`
}

// answer is what a key has got. It may be told once durable is closed.
type answer struct {
	record
	durable chan struct{}
	err     error
}

type intent struct {
	orderID  string
	currency string
	left     int64
	final    bool
}

// Open reads the ledger at path back, or begins it.
func Open(path string) (*Provider, error) {
	p := &Provider{
		answers: map[string]*answer{}, intents: map[string]*intent{}, byOrder: map[string][]int{}, hung: map[string]int{},
	}
	journal, err := sandbox.OpenJournal(path, func(r record) {
		known := &answer{record: r, durable: make(chan struct{})}
		close(known.durable)
		p.answers[r.Key] = known
		p.hold(r)
		p.show(r)
	})
	p.journal = journal
	return p, err
}

// Close ends the ledger.
func (p *Provider) Close() error { return p.journal.Close() }

// Handler serves the API.
func (p *Provider) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/payment_intents", p.charge)
	mux.HandleFunc("POST /v1/refunds", p.refund)
	mux.HandleFunc("GET /v1/refunds", p.refunds)
	mux.HandleFunc("GET /v1/ledger", p.ledger)
	return mux
}

// hold makes a record's money count against what may still be refunded.
func (p *Provider) hold(r record) {
	switch {
	case r.Entry == nil:
	case r.Entry.Kind == "charge":
		p.intents[r.Entry.PaymentIntent] = &intent{orderID: r.Entry.OrderID, currency: r.Entry.Currency, left: r.Entry.Amount, final: r.Final}
	case r.Entry.Kind == "refund":
		p.intents[r.Entry.PaymentIntent].left -= r.Entry.Amount
	}
}

// show puts a record's money, which is on the disk, where the ledger can be read.
func (p *Provider) show(r record) {
	if r.Entry != nil {
		p.byOrder[r.Entry.OrderID] = append(p.byOrder[r.Entry.OrderID], len(p.entries))
		p.entries = append(p.entries, *r.Entry)
	}
}

// once answers a request under its key: what the key has got before, or else what decide says, when it is on the disk. decide runs
// under the lock.
func (p *Provider) once(w http.ResponseWriter, r *http.Request, decide func() record) {
	key, fingerprint := r.Header.Get("Idempotency-Key"), r.URL.Path+"?"+r.PostForm.Encode()
	p.mu.Lock()
	known, repeated := p.answers[key]
	if !repeated {
		decided := decide()
		decided.Key, decided.Fingerprint = key, fingerprint
		known = &answer{record: decided, durable: make(chan struct{})}
		p.answers[key] = known
		p.hold(decided)
	}
	p.mu.Unlock()
	if !repeated {
		p.settle(known)
	}
	<-known.durable
	switch {
	case known.err != nil:
		refuse(w, http.StatusInternalServerError, "api_error", "", "the ledger cannot be written")
	case known.Fingerprint != fingerprint:
		refuse(w, http.StatusBadRequest, "idempotency_error", "", "this key was used with other parameters")
	default:
		sandbox.WriteJSON(w, known.Status, known.Body)
	}
}

// settle lets the answer of a key be told.
func (p *Provider) settle(a *answer) {
	a.err = p.journal.Append(a.record)
	if a.err == nil {
		p.mu.Lock()
		p.show(a.record)
		p.mu.Unlock()
	}
	close(a.durable)
}

func (p *Provider) ledger(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	entries := []Entry{}
	if order := r.URL.Query().Get("order_id"); order != "" {
		for _, i := range p.byOrder[order] {
			entries = append(entries, p.entries[i])
		}
	} else {
		entries = append(entries, p.entries...)
	}
	p.mu.Unlock()
	sandbox.WriteJSON(w, http.StatusOK, map[string]any{"entries": entries})
}

package refund_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/refund"
)

var (
	patience = account.Patience{First: 500 * time.Millisecond, Longest: 30 * time.Second, Tries: 10}
	noon     = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	asked    = refund.Command{
		Return:  refund.ReturnID{UUID: uuid.MustParse("01996f60-2b10-7a3c-8d55-0c4e7b9a1e01")},
		Order:   account.OrderID{UUID: uuid.MustParse("01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01")},
		Amount:  money.Money{Minor: 300, Currency: "GBP"},
		ReplyTo: "asker",
	}
	charge = refund.Charge{Captured: true, Amount: money.Money{Minor: 425, Currency: "GBP"}, ID: "pi_1", Invoice: "INV-Q-1"}
	note   = refund.CreditNoteIssued{Order: asked.Order, Number: "CN-00000001", Invoice: "INV-Q-1", Amount: asked.Amount, RefundID: "re_1"}
)

type input struct {
	name string
	do   func(refund.Refund) ([]refund.Event, error)
}

var inputs = []input{
	{"refund", func(r refund.Refund) ([]refund.Event, error) { return r.Ask(asked, charge, noon), nil }},
	{"refund, too much", func(r refund.Refund) ([]refund.Event, error) {
		paid := charge
		paid.Promised = 126
		return r.Ask(asked, paid, noon), nil
	}},
	{"refund, repeated", func(r refund.Refund) ([]refund.Event, error) { return r.AskAgain(asked, charge, noon), nil }},
	{"cancelRefund", func(r refund.Refund) ([]refund.Event, error) { return r.CallOff(asked), nil }},
	{"cancelRefund, in doubt", func(r refund.Refund) ([]refund.Event, error) { return r.CallOffInDoubt(asked, noon), nil }},
	{"handed over", func(r refund.Refund) ([]refund.Event, error) { return r.HandOver(noon.Add(time.Hour)), nil }},
	{"given back", func(r refund.Refund) ([]refund.Event, error) { return r.GiveBack("re_1", "CN-00000001") }},
	{"refused", func(r refund.Refund) ([]refund.Event, error) { return r.Refuse("No.") }},
	{"not found", func(r refund.Refund) ([]refund.Event, error) { return r.Miss(), nil }},
	{"lost", func(r refund.Refund) ([]refund.Event, error) { return r.Lose(r.Asks(), patience, noon), nil }},
	{"note recalled", func(r refund.Refund) ([]refund.Event, error) { return r.Recall(note), nil }},
	{"restored", func(r refund.Refund) ([]refund.Event, error) { return r.Doubt(noon), nil }},
}

// state names what the table tells apart.
func state(r refund.Refund) string {
	name := string(r.Status)
	switch {
	case r.Status == refund.New && r.ReplyTo != "":
		name = "NEW, not found"
	case r.Status == refund.New:
		name = "NEW"
	}
	if r.CancelReplyTo != "" && (r.Status == refund.New || r.Waits()) {
		name += ", to cancel"
	}
	return name
}

// cell is where an input leads to, and what others hear of it: "–" for nowhere and nothing, "✗" for what cannot be.
func cell(t *testing.T, r refund.Refund, in input) (refund.Refund, string) {
	t.Helper()
	events, err := in.do(r)
	if err != nil {
		if !errors.Is(err, account.ErrContradiction) {
			t.Error(err)
		}
		return r, "✗"
	}
	next := r.Apply(events...)
	var told []string
	for _, e := range events {
		switch e := e.(type) {
		case refund.CreditNoteIssued:
			told = append(told, "creditnote.issued")
		case refund.Answered:
			told = append(told, string(e.Command)+" "+string(e.Outcome))
		}
	}
	text := "–"
	if state(next) != state(r) {
		text = "→ " + state(next)
	}
	if len(told) > 0 {
		text += " · " + strings.Join(told, ", ")
	}
	return next, text
}

// alike tells apart what the future does.
func alike(r refund.Refund) refund.Refund {
	r.Version, r.DueAt, r.Reason = 0, time.Time{}, ""
	r.Attempts = min(r.Attempts, 1)
	return r
}

// table goes through every state that can be reached and answers the rows of README's table. Commands are answered to who has sent them, so that
// those which wait are told apart.
func table(t *testing.T) []string {
	t.Helper()
	rows, names := map[string][]string{}, []string{}
	seen := map[refund.Refund]bool{}
	var visit func(refund.Refund)
	visit = func(r refund.Refund) {
		if seen[alike(r)] {
			return
		}
		seen[alike(r)] = true
		var row strings.Builder
		var reached []refund.Refund
		row.WriteString("| " + state(r) + " |")
		for _, in := range inputs {
			next, text := cell(t, r, in)
			row.WriteString(" " + text + " |")
			reached = append(reached, next)
		}
		if !slices.Contains(rows[state(r)], row.String()) {
			rows[state(r)] = append(rows[state(r)], row.String())
		}
		if !slices.Contains(names, state(r)) {
			names = append(names, state(r))
		}
		for _, next := range reached {
			visit(next)
		}
	}
	visit(refund.Of(asked.Return))
	slices.Sort(names)
	var head []string
	for _, in := range inputs {
		head = append(head, in.name)
	}
	all := []string{"| state | " + strings.Join(head, " | ") + " |", "|" + strings.Repeat("---|", len(inputs)+1)}
	for _, name := range names {
		if len(rows[name]) > 1 {
			t.Errorf("%s is several states:\n%s", name, strings.Join(rows[name], "\n"))
		}
		all = append(all, rows[name]...)
	}
	return all
}

func TestREADMEShowsWhatTheModelDoes(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## States of a refund\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var rows []string
	for line := range strings.Lines(section) {
		if strings.HasPrefix(line, "|") {
			rows = append(rows, strings.TrimSpace(line))
		}
	}
	want := table(t)
	if diff := cmp.Diff(rows, want); diff != "" {
		t.Errorf("%s\nwant:\n%s", diff, strings.Join(want, "\n"))
	}
}

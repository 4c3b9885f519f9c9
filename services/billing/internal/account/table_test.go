package account_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/billing/internal/account"
)

var patience = account.Patience{First: 500 * time.Millisecond, Longest: 30 * time.Second, Tries: 10}

var (
	noon  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	gbp   = money.Money{Minor: 425, Currency: "GBP"}
	order = account.Order{
		ID:     account.OrderID{UUID: uuid.MustParse("01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01")},
		Number: "Q-1", Total: gbp, Token: "token",
		Customer: account.CustomerID{UUID: uuid.MustParse("01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11")},
	}
)

type input struct {
	name string
	do   func(account.Account) ([]account.Event, error)
}

var inputs = []input{
	{"order placed", func(a account.Account) ([]account.Event, error) { return a.Open(order, noon), nil }},
	{"stock reserved", func(a account.Account) ([]account.Event, error) { return a.ReserveStock(noon), nil }},
	{"given up", func(a account.Account) ([]account.Event, error) { return a.GiveUp(noon), nil }},
	{"handed over", func(a account.Account) ([]account.Event, error) { return a.HandOver(noon.Add(time.Hour)), nil }},
	{"captured", func(a account.Account) ([]account.Event, error) { return a.Capture("pi_1", noon) }},
	{"declined", func(a account.Account) ([]account.Event, error) { return a.Decline("No.") }},
	{"refunded", func(a account.Account) ([]account.Event, error) { return a.PayBack("re_1") }},
	{"lost", func(a account.Account) ([]account.Event, error) {
		return a.Lose(a.Call.Operation, "No answer.", patience, noon), nil
	}},
	{"lost once too often", func(a account.Account) ([]account.Event, error) {
		return a.Lose(a.Call.Operation, "No answer.", account.Patience{Tries: a.Call.Tries}, noon), nil
	}},
	{"retry", func(a account.Account) ([]account.Event, error) { return a.Retry(noon) }},
	{"DONE", func(a account.Account) ([]account.Event, error) { return a.Resolve(account.Done, "pi_1", "", noon) }},
	{"REFUSED", func(a account.Account) ([]account.Event, error) { return a.Resolve(account.Refused, "", "No.", noon) }},
	{"UNDONE", func(a account.Account) ([]account.Event, error) { return a.Resolve(account.Undone, "re_1", "", noon) }},
}

// cell is where an input leads to, and what others hear of it: "–" for nowhere and nothing, "✗" for what cannot be.
func cell(a account.Account, in input) (account.Account, string) {
	events, err := in.do(a)
	if err != nil {
		return a, "✗"
	}
	next := a.Apply(events...)
	var told []string
	for _, e := range events {
		switch e.(type) {
		case account.CallStalled:
			told = append(told, "payment.stalled")
		case account.InvoiceIssued, account.InvoiceVoided, account.PaymentCaptured, account.PaymentDeclined, account.PaymentVoided,
			account.PaymentRefunded:
			words := regexp.MustCompile(`[A-Z][a-z]+`).FindAllString(strings.TrimPrefix(fmt.Sprintf("%T", e), "account."), -1)
			told = append(told, strings.ToLower(strings.Join(words, ".")))
		}
	}
	text := "–"
	if next.Describe() != a.Describe() {
		text = "→ " + next.Describe()
	}
	if len(told) > 0 {
		text += " · " + strings.Join(told, ", ")
	}
	return next, text
}

// table goes through every state that can be reached and answers the rows of README's table.
func table(t *testing.T) []string {
	t.Helper()
	rows, names := map[string]string{}, []string{}
	seen := map[account.Account]bool{}
	var visit func(account.Account)
	visit = func(a account.Account) {
		alike := a
		alike.Version = 0
		if a.Call.Attempts > 2 || seen[alike] {
			return
		}
		seen[alike] = true
		var row strings.Builder
		row.WriteString("| " + a.Describe() + " |")
		var reached []account.Account
		for _, in := range inputs {
			next, text := cell(a, in)
			row.WriteString(" " + text + " |")
			reached = append(reached, next)
		}
		if known, ok := rows[a.Describe()]; ok && known != row.String() {
			t.Errorf("%s is two states:\n%s\n%s", a.Describe(), known, row.String())
		} else if !ok {
			rows[a.Describe()] = row.String()
			names = append(names, a.Describe())
		}
		for _, next := range reached {
			visit(next)
		}
	}
	visit(account.New(order.ID))
	slices.Sort(names)
	all := []string{"| state | " + strings.Join(inputNames(), " | ") + " |", "|" + strings.Repeat("---|", len(inputs)+1)}
	for _, name := range names {
		all = append(all, rows[name])
	}
	return all
}

func inputNames() []string {
	var names []string
	for _, in := range inputs {
		names = append(names, in.name)
	}
	return names
}

func TestREADMEShowsWhatTheModelDoes(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## States\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var rows []string
	for line := range strings.Lines(section) {
		if strings.HasPrefix(line, "|") {
			rows = append(rows, strings.TrimSpace(line))
		}
	}
	if diff := cmp.Diff(rows, table(t)); diff != "" {
		t.Errorf("%s\nwant:\n%s", diff, strings.Join(table(t), "\n"))
	}
}

package shipment_test

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

	"quadrille.dev/services/fulfillment/internal/shipment"
)

var patience = shipment.Patience{First: 500 * time.Millisecond, Longest: 30 * time.Second, Tries: 10}

var (
	noon  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	order = shipment.Order{
		ID:       shipment.OrderID{UUID: uuid.MustParse("01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01")},
		Customer: shipment.CustomerID{UUID: uuid.MustParse("01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11")},
		Address:  shipment.Address{Name: "Ada", Street: "12 St James's Square", City: "London", PostalCode: "SW1Y 4JH", CountryCode: "GB"},
	}
)

type input struct {
	name string
	do   func(shipment.Shipment) ([]shipment.Event, error)
}

var inputs = []input{
	{"placed", func(s shipment.Shipment) ([]shipment.Event, error) { return s.Open(order, noon), nil }},
	{"paid", func(s shipment.Shipment) ([]shipment.Event, error) { return s.Pay(noon), nil }},
	{"cancelled", func(s shipment.Shipment) ([]shipment.Event, error) { return s.Cancel(noon) }},
	{"fulfilled", func(s shipment.Shipment) ([]shipment.Event, error) { return s.Fulfil(noon) }},
	{"taken", func(s shipment.Shipment) ([]shipment.Event, error) { return s.Take(noon.Add(time.Hour)), nil }},
	{"booked", func(s shipment.Shipment) ([]shipment.Event, error) { return s.Arrange("Quill & Post", "QP1", noon) }},
	{"refused", func(s shipment.Shipment) ([]shipment.Event, error) { return s.Fail("No.") }},
	{"not to come", func(s shipment.Shipment) ([]shipment.Event, error) { return s.CallOff() }},
	{"handed over", func(s shipment.Shipment) ([]shipment.Event, error) { return s.Dispatch(noon) }},
	{"arrived", func(s shipment.Shipment) ([]shipment.Event, error) { return s.Deliver() }},
	{"not yet", func(s shipment.Shipment) ([]shipment.Event, error) { return s.Wait(noon), nil }},
	{"lost", func(s shipment.Shipment) ([]shipment.Event, error) {
		return s.Lose(s.Call.Operation, "No answer.", patience, noon), nil
	}},
	{"lost once too often", func(s shipment.Shipment) ([]shipment.Event, error) {
		return s.Lose(s.Call.Operation, "No answer.", shipment.Patience{Tries: s.Call.Tries}, noon), nil
	}},
	{"retry arrange", func(s shipment.Shipment) ([]shipment.Event, error) { return s.Retry(shipment.Arranging, noon) }},
	{"retry dispatch", func(s shipment.Shipment) ([]shipment.Event, error) { return s.Retry(shipment.Dispatching, noon) }},
	{"arrange DONE", resolve(shipment.Arranging, shipment.Done)},
	{"arrange REFUSED", resolve(shipment.Arranging, shipment.Refused)},
	{"arrange UNDONE", resolve(shipment.Arranging, shipment.Undone)},
	{"dispatch DONE", resolve(shipment.Dispatching, shipment.Done)},
}

func resolve(step shipment.Step, outcome shipment.Outcome) func(shipment.Shipment) ([]shipment.Event, error) {
	return func(s shipment.Shipment) ([]shipment.Event, error) {
		return s.Resolve(shipment.Resolution{
			Step: step, Outcome: outcome, Carrier: "Quill & Post", TrackingNumber: "QP1", Reason: "No.",
		}, noon)
	}
}

// cell is where an input leads to, and what others hear of it: "–" for nowhere and nothing, "✗" for what cannot be.
func cell(s shipment.Shipment, in input) (shipment.Shipment, string) {
	events, err := in.do(s)
	if err != nil {
		return s, "✗"
	}
	next := s.Apply(events...)
	var told []string
	for _, e := range events {
		switch e.(type) {
		case shipment.CallStalled:
			told = append(told, "shipment.stalled")
		case shipment.ParcelArranged, shipment.ParcelFailed, shipment.ParcelCancelled, shipment.ParcelDispatched,
			shipment.ParcelDelivered:
			name := strings.Replace(fmt.Sprintf("%T", e), "shipment.Parcel", "Shipment", 1)
			words := regexp.MustCompile(`[A-Z][a-z]+`).FindAllString(name, -1)
			told = append(told, strings.ToLower(strings.Join(words, ".")))
		}
	}
	text := "–"
	if next.Describe() != s.Describe() {
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
	seen := map[shipment.Shipment]bool{}
	var visit func(shipment.Shipment)
	visit = func(s shipment.Shipment) {
		alike := s
		alike.Version = 0
		if s.Call.Attempts > 2 || seen[alike] {
			return
		}
		seen[alike] = true
		var row strings.Builder
		row.WriteString("| " + s.Describe() + " |")
		var reached []shipment.Shipment
		for _, in := range inputs {
			next, text := cell(s, in)
			row.WriteString(" " + text + " |")
			reached = append(reached, next)
		}
		if known, ok := rows[s.Describe()]; ok && known != row.String() {
			t.Errorf("%s is two states:\n%s\n%s", s.Describe(), known, row.String())
		} else if !ok {
			rows[s.Describe()] = row.String()
			names = append(names, s.Describe())
		}
		for _, next := range reached {
			visit(next)
		}
	}
	visit(shipment.New(order.ID))
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

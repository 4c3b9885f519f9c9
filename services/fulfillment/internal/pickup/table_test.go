package pickup_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/services/fulfillment/internal/pickup"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

var (
	noon     = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	later    = noon.Add(24 * time.Hour)
	patience = shipment.Patience{First: 500 * time.Millisecond, Longest: 30 * time.Second, Tries: 10}
	order    = shipment.OrderID{UUID: uuid.MustParse("01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01")}
	id       = pickup.ReturnID{UUID: uuid.MustParse("01996f60-2b10-7a3c-8d55-0c4e7b9a1e01")}
)

const asker = "ordering.replies"

type input struct {
	name string
	do   func(pickup.Pickup) ([]pickup.Event, error)
}

func sure(do func(pickup.Pickup) []pickup.Event) func(pickup.Pickup) ([]pickup.Event, error) {
	return func(p pickup.Pickup) ([]pickup.Event, error) { return do(p), nil }
}

var inputs = []input{
	{"arrange", sure(func(p pickup.Pickup) []pickup.Event { return p.Arrange(order, asker, pickup.Known, noon) })},
	{"arrange nowhere", sure(func(p pickup.Pickup) []pickup.Event { return p.Arrange(order, asker, pickup.Forgotten, noon) })},
	{"cancel", sure(func(p pickup.Pickup) []pickup.Event { return p.Cancel(order, asker, noon) })},
	{"taken", sure(func(p pickup.Pickup) []pickup.Event { return p.Take(pickup.Known, p.Call.DueAt) })},
	{"taken, address forgotten", sure(func(p pickup.Pickup) []pickup.Event { return p.Take(pickup.Forgotten, p.Call.DueAt) })},
	{"booked", func(p pickup.Pickup) ([]pickup.Event, error) { return p.Book("QC1", noon) }},
	{"refused", func(p pickup.Pickup) ([]pickup.Event, error) { return p.Refuse("No.") }},
	{"not to come", func(p pickup.Pickup) ([]pickup.Event, error) { return p.CallOff() }},
	{"lost", sure(func(p pickup.Pickup) []pickup.Event { return p.Lose(p.Call.Operation, patience, noon) })},
	{"arrange in doubt", sure(func(p pickup.Pickup) []pickup.Event { return p.ArrangeInDoubt(order, asker, pickup.Known, noon) })},
	{"arrange nowhere in doubt", sure(func(p pickup.Pickup) []pickup.Event {
		return p.ArrangeInDoubt(order, asker, pickup.Forgotten, noon)
	})},
	{"cancel in doubt", sure(func(p pickup.Pickup) []pickup.Event { return p.CancelInDoubt(order, asker, noon) })},
}

// state names what the table tells apart.
func state(p pickup.Pickup) string {
	name := string(p.Status)
	switch {
	case p.Status == pickup.Booking && p.CalledOff:
		name += ", called off"
	case p.Status == pickup.Cancelling && !p.CalledOff:
		name += ", address forgotten"
	case p.Status == pickup.Cancelling && p.Arranger != "":
		name += ", both asked"
	case p.Status == pickup.Refused && p.Reason != "No.":
		name += ", address forgotten"
	}
	return name
}

// cell is where an input leads to, and what who asked is told: "–" for nowhere and nothing, "✗" for what cannot be.
func cell(t *testing.T, p pickup.Pickup, in input) (pickup.Pickup, string) {
	t.Helper()
	events, err := in.do(p)
	if err != nil {
		return p, "✗"
	}
	next := p.Apply(events...)
	text := "–"
	if state(next) != state(p) {
		text = "→ " + state(next)
	}
	var told []string
	for _, e := range events {
		if answered, is := e.(pickup.Answered); is {
			command := map[pickup.Asked]string{pickup.ToArrange: "arrange", pickup.ToCancel: "cancel"}[answered.Asked]
			told = append(told, command+" "+string(answered.Outcome))
			if answered.Asker != asker || (answered.Outcome == pickup.Done) != (answered.Reference == "QC1") {
				t.Errorf("%s while %s is answered %+v", in.name, state(p), answered)
			}
		}
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
	seen := map[pickup.Pickup]bool{}
	var visit func(pickup.Pickup)
	visit = func(p pickup.Pickup) {
		alike := p
		alike.Version = 0
		if p.Call.Attempts > 2 || seen[alike] {
			return
		}
		seen[alike] = true
		var row strings.Builder
		row.WriteString("| " + state(p) + " |")
		var reached []pickup.Pickup
		for _, in := range inputs {
			next, text := cell(t, p, in)
			row.WriteString(" " + text + " |")
			reached = append(reached, next)
		}
		if known, ok := rows[state(p)]; ok && known != row.String() {
			t.Errorf("%s is two states:\n%s\n%s", state(p), known, row.String())
		} else if !ok {
			rows[state(p)] = row.String()
			names = append(names, state(p))
		}
		for _, next := range reached {
			visit(next)
		}
	}
	visit(pickup.New(id))
	slices.Sort(names)
	all := []string{"| state |", "|---|"}
	for _, in := range inputs {
		all[0] += " " + in.name + " |"
		all[1] += "---|"
	}
	for _, name := range names {
		all = append(all, rows[name])
	}
	return all
}

func TestREADMEShowsWhatTheModelDoes(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## States of a pick-up\n")
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

// In doubt the order may not have been heard of again: the carrier is asked as soon as it is.
func TestAPickupInDoubtWaitsForItsOrder(t *testing.T) {
	p := pickup.New(id)
	p = p.Apply(p.ArrangeInDoubt(order, asker, pickup.Unheard, noon)...)
	for at := noon; at.Before(later); at = p.Call.DueAt {
		events := p.Take(pickup.Unheard, at)
		if len(events) != 1 || pickup.Taken(events) {
			t.Fatalf("taken: %+v", events)
		}
		p = p.Apply(events...)
	}
	if events := p.Take(pickup.Known, p.Call.DueAt); !pickup.Taken(events) || p.Status != pickup.Booking {
		t.Errorf("%+v, %+v", p, events)
	}
}

package restock_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/services/inventory/internal/restock"
	"quadrille.dev/services/inventory/internal/stock"
)

var (
	orderID = uuid.MustParse("01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01")
	goods   = restock.Goods{OrderID: orderID, Lines: []stock.Line{{SKU: "CUP", Quantity: 2}, {SKU: "JUG", Quantity: 1}}}
	out     = map[string]int64{"CUP": 2, "JUG": 1}
	plenty  = map[string]stock.Level{"CUP": {OnHand: 9, Reserved: 7}, "JUG": {OnHand: 1}}
	scarce  = map[string]stock.Level{"CUP": {OnHand: 9, Reserved: 8}, "JUG": {OnHand: 1}}
)

var inputs = []struct {
	name string
	do   func(*restock.Restock) []restock.Event
}{
	{"restock", func(r *restock.Restock) []restock.Event { return r.PutBack(goods, out, plenty, "asker") }},
	{"restock too much", func(r *restock.Restock) []restock.Event { return r.PutBack(goods, nil, plenty, "asker") }},
	{"withdraw", func(r *restock.Restock) []restock.Event { return r.TakeOut(orderID, plenty, "asker") }},
	{"withdraw what is promised", func(r *restock.Restock) []restock.Event { return r.TakeOut(orderID, scarce, "asker") }},
}

// table goes through every state that can be reached and answers the rows of README's table.
func table(t *testing.T) []string {
	t.Helper()
	rows := map[restock.Status]string{}
	var visit func(restock.Restock)
	visit = func(r restock.Restock) {
		if rows[r.Status] != "" {
			return
		}
		var row strings.Builder
		row.WriteString("| " + string(r.Status) + " |")
		var reached []restock.Restock
		for _, in := range inputs {
			next := r
			events := in.do(&next)
			cell := " –"
			if next.Status != r.Status {
				cell = " → " + string(next.Status)
			}
			answer, is := events[len(events)-1].(restock.Answered)
			if !is || answer.Asker != "asker" {
				t.Errorf("%s while %s is answered %+v", in.name, r.Status, events)
			}
			row.WriteString(cell + " · " + string(answer.Outcome) + " |")
			reached = append(reached, next)
		}
		rows[r.Status] = row.String()
		for _, next := range reached {
			visit(next)
		}
	}
	visit(restock.New(uuid.Nil))
	all := []string{"| state |", "|---|"}
	for _, in := range inputs {
		all[0] += " " + in.name + " |"
		all[1] += "---|"
	}
	for _, status := range []restock.Status{restock.Unasked, restock.Back, restock.Rejected, restock.Out, restock.CalledOff} {
		all = append(all, rows[status])
	}
	return all
}

func TestREADMEShowsWhatTheModelDoes(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## States of a restock\n")
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

func TestARefusalSaysWhatIsMissing(t *testing.T) {
	full := map[string]stock.Level{"CUP": {OnHand: 1<<31 - 2}}
	for want, events := range map[string][]restock.Event{
		"Only 1 of CUP is with the customer.":      put(goods, map[string]int64{"CUP": 1, "JUG": 1}, plenty),
		"None of JUG is with the customer.":        put(goods, map[string]int64{"CUP": 2}, plenty),
		"There is no room to count 2 more of CUP.": put(goods, out, full),
		"Only 1 of CUP is left.":                   back(scarce),
		"None of CUP is left.":                     back(nil),
		"The return was called off.":               calledOff(),
		"Only 3 of CUP are with the customer.":     put(restock.Goods{Lines: []stock.Line{{SKU: "CUP", Quantity: 4}}}, map[string]int64{"CUP": 3}, plenty),
	} {
		answer, _ := events[len(events)-1].(restock.Answered)
		if answer.Outcome != restock.NotDone || answer.Reason != want {
			t.Errorf("%s %q, want %q", answer.Outcome, answer.Reason, want)
		}
	}
}

func put(goods restock.Goods, out map[string]int64, levels map[string]stock.Level) []restock.Event {
	r := restock.New(uuid.Nil)
	r.PutBack(goods, out, levels, "")
	return r.PutBack(goods, nil, nil, "") // asked again, it says the same
}

func back(levels map[string]stock.Level) []restock.Event {
	r := restock.New(uuid.Nil)
	r.PutBack(goods, out, plenty, "")
	return r.TakeOut(orderID, levels, "")
}

func calledOff() []restock.Event {
	r := restock.New(uuid.Nil)
	r.TakeOut(orderID, nil, "")
	return r.PutBack(goods, out, plenty, "")
}

// A restock that has forgotten what it told is where it was when that is recalled, and answers as it did.
func TestWhatWasToldIsRecalledAndNotDoneAgain(t *testing.T) {
	returned, withdrawn := restock.GoodsReturned(goods), restock.GoodsWithdrawn{Lines: goods.Lines}
	for want, told := range map[restock.Status][]restock.Event{
		restock.Back: {returned},
		restock.Out:  {returned, withdrawn},
	} {
		r := restock.New(uuid.Nil)
		for range 2 { // a second time changes nothing
			for _, e := range told {
				if _, err := r.Recall(e); err != nil {
					t.Fatal(err)
				}
			}
		}
		events := r.PutBack(goods, nil, nil, "")
		if r.Status != want || len(events) != 1 || !slices.Equal(r.Lines, goods.Lines) {
			t.Errorf("%+v, %v", r, events)
		}
	}
	forgotten := restock.New(uuid.Nil)
	if _, err := forgotten.Recall(withdrawn); err == nil {
		t.Error("taken out before it is recalled that it was put back")
	}
}

package importer

import (
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Back is a row of a credit note, whose invoice number starts with C: goods that came back. Quantity counts them.
type Back struct {
	Row
	// Reason is why nothing can be made of the row; empty if it can be matched with a purchase.
	Reason Reason
	Detail string
	Fields []string
}

// The reasons why goods that came back are not traded, beside those for which rows are rejected. A row has the first that applies.
const (
	PositiveQuantity Reason = "POSITIVE_QUANTITY"
	UnknownCustomer  Reason = "GUEST"
	NotBought        Reason = "NOT_BOUGHT_THIS_WEEK"
	MoreThanBought   Reason = "MORE_THAN_BOUGHT"
	NotFulfilled     Reason = "ORDER_NOT_FULFILLED"
	NotAccepted      Reason = "RETURN_REFUSED"
)

// Return is what a credit note has come back of one order.
type Return struct {
	// Invoice is the credit note's number, Order that of the order's invoice.
	Invoice, Order string
	Key            uuid.UUID
	Lines          []Line
	// Rows are the rows of the file that have a part in it.
	Rows []Back
}

func goodsBack(fields []string, line int) Back {
	back := Back{Fields: fields}
	row, reject := examine(turned(fields))
	if reject != nil {
		back.Reason, back.Detail = reject.Reason, reject.Detail
		row.Invoice = fields[0]
	}
	switch {
	case back.Reason == NegativeQuantity:
		back.Reason, back.Detail = PositiveQuantity, fields[quantityField]
	case back.Reason == "" && row.Customer == "":
		back.Reason = UnknownCustomer
	}
	row.Line = line
	back.Row = row
	return back
}

// turned are the fields of a credit note as those of an invoice: what it takes off was sold.
func turned(fields []string) []string {
	turned := slices.Clone(fields)
	if len(turned) <= quantityField {
		return turned
	}
	if quantity, negative := cutMinus(turned[quantityField]); negative {
		turned[quantityField] = quantity
	} else {
		turned[quantityField] = "-" + quantity
	}
	return turned
}

// match finds for each row of goods that came back the orders that they were bought with: the same customer's, of the same product, not
// after the credit note, the latest first. Of no purchase more comes back than was bought, and a row is matched as a whole or not at all.
func match(purchases []Row, rows []Back) (returns []Return, unmatched []Back) {
	left := purchasesBySKU(purchases)
	at := map[string]int{}
	for _, back := range inTime(rows) {
		taken, reason := left.take(back)
		if reason != "" {
			back.Reason = reason
			unmatched = append(unmatched, back)
			continue
		}
		for _, part := range taken {
			of := back.Invoice + "|" + part.order
			i, known := at[of]
			if !known {
				i = len(returns)
				at[of] = i
				returns = append(returns, Return{Invoice: back.Invoice, Order: part.order, Key: key("return", of)})
			}
			returns[i].add(back, part.quantity)
		}
	}
	slices.SortStableFunc(unmatched, func(a, b Back) int { return a.Line - b.Line })
	return returns, unmatched
}

// inTime are the rows in the order in which the goods came back.
func inTime(rows []Back) []Back {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b Back) int { return a.At.Compare(b.At) })
	return rows
}

func (r *Return) add(back Back, quantity int) {
	r.Rows = append(r.Rows, back)
	for i := range r.Lines {
		if r.Lines[i].SKU == back.SKU {
			r.Lines[i].Quantity += quantity
			return
		}
	}
	r.Lines = append(r.Lines, Line{back.SKU, quantity})
}

// bought is what is left of a purchase.
type bought struct {
	order    string
	at       time.Time
	quantity int
}

// part is how many of something come back of an order.
type part struct {
	order    string
	quantity int
}

// purchases are by customer and SKU, the latest first.
type purchases map[string][]*bought

func purchasesBySKU(rows []Row) purchases {
	all := purchases{}
	for _, row := range rows {
		of := row.Customer + "|" + row.SKU
		all[of] = append(all[of], &bought{row.Invoice, row.At, row.Quantity})
	}
	for _, some := range all {
		slices.SortStableFunc(some, func(a, b *bought) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(b.order, a.order)) })
	}
	return all
}

// take takes what came back off the purchases, or says why it cannot.
func (p purchases) take(back Back) (taken []part, reason Reason) {
	if back.Reason != "" {
		return nil, back.Reason
	}
	var before []*bought
	most := 0
	for _, purchase := range p[back.Customer+"|"+back.SKU] {
		if !purchase.at.After(back.At) {
			before = append(before, purchase)
			most += purchase.quantity
		}
	}
	switch {
	case before == nil:
		return nil, NotBought
	case most < back.Quantity:
		return nil, MoreThanBought
	}
	for want, i := back.Quantity, 0; want > 0; i++ {
		some := min(want, before[i].quantity)
		before[i].quantity -= some
		want -= some
		if some > 0 {
			taken = append(taken, part{before[i].order, some})
		}
	}
	return taken, ""
}

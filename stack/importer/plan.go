package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"quadrille.dev/platform/money"
)

// Plan is what has to be done through the API to trade a file. The same file always gives the same plan, with the same keys.
type Plan struct {
	Products  []Product
	Customers []Customer
	Orders    []Order
	// Returns are what came back of the orders, and Unmatched the rows of credit notes that match none.
	Returns   []Return
	Unmatched []Back
	// Merged counts the rows that became part of an earlier line: one SKU twice in one invoice.
	Merged int
	// Repriced counts the rows sold at another price than the one their product got.
	Repriced int
	// Renamed counts the products that the file describes in more than one way.
	Renamed int
}

// Product is a product to list, price and stock.
type Product struct {
	SKU      string
	Name     string
	Price    money.Money
	Quantity int
}

// Customer is a customer to register.
type Customer struct {
	Email, Name string
	Key         uuid.UUID
}

// Order is an invoice to place.
type Order struct {
	Invoice string
	Key     uuid.UUID
	// Email is the customer's.
	Email   string
	Country string
	Lines   []Line
	// Rows counts the rows of the file that the lines stand for.
	Rows int
}

// Line is a SKU of an order.
type Line struct {
	SKU      string
	Quantity int
}

var namespace = uuid.MustParse("0d4a3f0e-52d5-4f0b-8f51-6a1d3b9e7c11")

func key(kind, of string) uuid.UUID { return uuid.NewSHA1(namespace, []byte(kind+"|"+of)) }

// Make plans a file.
func Make(file File) Plan {
	var plan Plan
	plan.Products, plan.Repriced, plan.Renamed = products(file.Rows)
	plan.Orders, plan.Merged = orders(file.Rows)
	plan.Returns, plan.Unmatched = match(file.Rows, file.Returns)
	known := map[string]bool{}
	for _, order := range plan.Orders {
		if !known[order.Email] {
			known[order.Email] = true
			name, _, _ := strings.Cut(order.Email, "@")
			plan.Customers = append(plan.Customers, Customer{order.Email, name, key("customer", order.Email)})
		}
	}
	return plan
}

// tally counts values and remembers which came first, so that ties go to the earliest.
type tally[V comparable] struct {
	counts map[V]int
	seen   []V
}

func (t *tally[V]) add(v V) {
	if t.counts == nil {
		t.counts = map[V]int{}
	}
	if t.counts[v] == 0 {
		t.seen = append(t.seen, v)
	}
	t.counts[v]++
}

func (t *tally[V]) most() (most V) {
	for _, v := range t.seen {
		if t.counts[v] > t.counts[most] {
			most = v
		}
	}
	return most
}

func products(rows []Row) (list []Product, repriced, renamed int) {
	type facts struct {
		names    tally[string]
		prices   tally[money.Money]
		quantity int
	}
	bySKU := map[string]*facts{}
	for _, row := range rows {
		f := bySKU[row.SKU]
		if f == nil {
			f = &facts{}
			bySKU[row.SKU] = f
		}
		if row.Name != "" {
			f.names.add(row.Name)
		}
		f.prices.add(row.Price)
		f.quantity += row.Quantity
	}
	for sku, f := range bySKU {
		price := f.prices.most()
		for _, other := range f.prices.seen {
			if other != price {
				repriced += f.prices.counts[other]
			}
		}
		if len(f.names.seen) > 1 {
			renamed++
		}
		list = append(list, Product{sku, cmp.Or(f.names.most(), sku), price, f.quantity})
	}
	slices.SortFunc(list, func(a, b Product) int { return strings.Compare(a.SKU, b.SKU) })
	return list, repriced, renamed
}

func orders(rows []Row) (list []Order, merged int) {
	byInvoice := map[string]int{}
	lines := map[string]int{}
	for _, row := range rows {
		at, known := byInvoice[row.Invoice]
		if !known {
			at = len(list)
			byInvoice[row.Invoice] = at
			list = append(list, Order{Invoice: row.Invoice, Key: key("order", row.Invoice), Email: email(row), Country: row.Country})
		}
		order := &list[at]
		order.Rows++
		line, known := lines[row.Invoice+"|"+row.SKU]
		if known {
			merged++
			order.Lines[line].Quantity += row.Quantity
			continue
		}
		lines[row.Invoice+"|"+row.SKU] = len(order.Lines)
		order.Lines = append(order.Lines, Line{row.SKU, row.Quantity})
	}
	return list, merged
}

func email(row Row) string {
	if row.Customer == "" {
		return fmt.Sprintf("guest-%s@online-retail.test", strings.ToLower(row.Invoice))
	}
	return fmt.Sprintf("customer-%s@online-retail.test", strings.ToLower(row.Customer))
}

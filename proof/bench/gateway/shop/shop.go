// Package shop is a small shop that never changes, told from memory: by the contexts' RPCs, as Quadrille's gateway asks, and by federation
// subgraphs, as other gateways do. Both tell the same.
package shop

import (
	"encoding/base64"
	"fmt"
	"time"

	"quadrille.dev/platform/money"
)

// How much there is of what.
const (
	Products      = 50
	Orders        = 20
	linesPerOrder = 5
)

const currency = "GBP"

// Shop is what there is.
type Shop struct {
	products []product
	orders   []order
}

type product struct {
	key, sku, name, description, category, image string
	price                                        money.Money
	available                                    int64
}

type customer struct {
	key, name, email string
}

type order struct {
	key, number, tracking, invoice string
	placedAt                       time.Time
	customer                       customer
	lines                          []line
}

type line struct {
	product
	quantity int32
}

// New makes the shop, always the same.
func New() *Shop {
	s := &Shop{}
	for i := range Products {
		s.products = append(s.products, product{
			key: key(1, i), sku: fmt.Sprintf("BENCH-%03d", i+1), name: fmt.Sprintf("Enamel mug no. %d", i+1),
			description: fmt.Sprintf("White enamel on steel, 350 ml, with a rim as blue as number %d of the colour chart. It takes the fire and the dishwasher.", i+1),
			category:    []string{"Kitchen", "Garden", "Travel"}[i%3], image: fmt.Sprintf("/images/bench-%03d.avif", i+1),
			price: pounds(1000 + 25*int64(i)), available: int64(i * 3),
		})
	}
	for i := range Orders {
		s.orders = append(s.orders, s.order(i))
	}
	return s
}

func (s *Shop) order(i int) order {
	o := order{
		key: key(2, i), number: fmt.Sprintf("Q-%08d", i+1), tracking: fmt.Sprintf("SC-%010d", i+1), invoice: fmt.Sprintf("INV-%08d", i+1),
		placedAt: time.Date(2026, time.March, 1, 9, i, 0, 250_000_000, time.UTC),
		customer: customer{key: key(3, i), name: fmt.Sprintf("Customer no. %d", i+1), email: fmt.Sprintf("customer%d@quadrille.test", i+1)},
	}
	for j := range linesPerOrder {
		o.lines = append(o.lines, line{s.products[(i*linesPerOrder+j*7)%Products], int32(j + 1)})
	}
	return o
}

// OrderIDs are the global ids of all orders.
func (s *Shop) OrderIDs() []string {
	ids := make([]string, len(s.orders))
	for i, o := range s.orders {
		ids[i] = globalID("Order", o.key)
	}
	return ids
}

func (l line) total() money.Money { return pounds(l.price.Minor * int64(l.quantity)) }

func (o order) total() money.Money {
	total := pounds(0)
	for _, line := range o.lines {
		total.Minor += line.total().Minor
	}
	return total
}

func pounds(minor int64) money.Money { return money.Money{Minor: minor, Currency: currency} }

func key(kind, i int) string { return fmt.Sprintf("0192f0c1-%04x-7000-8000-%012x", kind, i+1) }

// globalID is the id that clients see, as Quadrille's gateway makes it.
func globalID(kind, key string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(kind + ":" + key))
}

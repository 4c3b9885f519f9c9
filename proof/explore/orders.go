package explore

import (
	"fmt"

	"github.com/google/uuid"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/ordering"
)

func orderID(n uint32) uuid.UUID    { return numbered(0x01, n) }
func returnID(n uint32) uuid.UUID   { return numbered(0x02, n) }
func customerID(n uint32) uuid.UUID { return numbered(0xc0, n) }

func numbered(kind byte, n uint32) uuid.UUID {
	id := uuid.MustParse("01940000-0000-7000-8000-000000000000")
	id[14], id[15] = kind, byte(n)
	return id
}

// letters name orders.
func letters(order int) string { return string(rune('A' + order)) }

const visa = "pm_card_visa"

func (s *stage) placement(n uint32) ordering.Placement {
	placement := ordering.Placement{
		Number: fmt.Sprintf("Q-%08d", n+1), CustomerID: ordering.CustomerID{UUID: customerID(n)}, PaymentToken: visa,
		ShippingAddress: ordering.Address{Name: "Ada", Street: "1 Row", City: "London", PostalCode: "N1", CountryCode: "GB"}, PricedFrom: "LIVE",
	}
	price, discount, total := int64(100), s.Discount, int64(0)
	if s.Free {
		price, discount = 0, 0
	}
	for _, sku := range s.skus {
		if quantity := s.Orders[n][sku]; quantity > 0 {
			line := ordering.Line{SKU: sku, Quantity: int32(quantity), UnitPrice: gbp(price), LineTotal: gbp(price * quantity)}
			placement.Lines = append(placement.Lines, line)
			total += line.LineTotal.Minor
		}
	}
	placement.Discount, placement.Total = gbp(discount), gbp(total-discount)
	return placement
}

func gbp(minor int64) money.Money { return money.Money{Minor: minor, Currency: "GBP"} }

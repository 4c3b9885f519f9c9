package order

import (
	"errors"
	"fmt"

	"quadrille.dev/platform/money"
)

// ErrImpossible is the reason of everything that only a defect can ask for.
var ErrImpossible = errors.New("impossible")

// Place begins the order. The lines must add up to the total.
func (o Order) Place(p Placement) ([]Event, error) {
	if o.Status != StatusUnknown {
		return nil, fmt.Errorf("place order %s again: %w", o.ID, ErrImpossible)
	}
	if err := CheckSum(p.Lines, p.Discount, p.Total); err != nil {
		return nil, fmt.Errorf("place order %s: %w: %w", o.ID, ErrImpossible, err)
	}
	p.Deadline, p.PromotionCodes = moment(p.Deadline), append([]string{}, p.PromotionCodes...)
	return []Event{Placed{p}}, nil
}

// CheckSum tells why lines less a discount are not the total; nil if they are.
func CheckSum(lines []Line, discount, total money.Money) error {
	if len(lines) == 0 {
		return errors.New("no lines")
	}
	var sum money.Money
	seen := map[string]bool{}
	for _, line := range lines {
		lineTotal, err := line.UnitPrice.Times(int64(line.Quantity))
		switch {
		case err != nil:
			return err
		case seen[line.SKU]:
			return fmt.Errorf("two lines of %s", line.SKU)
		case line.Quantity <= 0 || line.UnitPrice.Minor < 0 || line.UnitPrice.Currency == "" || lineTotal != line.LineTotal:
			return fmt.Errorf("%d × %s at %s is not %s", line.Quantity, line.SKU, line.UnitPrice, line.LineTotal)
		}
		if sum, err = sum.Add(lineTotal); err != nil {
			return err
		}
		seen[line.SKU] = true
	}
	rest, err := sum.Sub(discount)
	if err != nil || rest != total || discount.Minor < 0 || total.Minor < 0 || discount.Currency != total.Currency {
		return fmt.Errorf("%s less %s is not %s", sum, discount, total)
	}
	return nil
}

// Number is what people call an order, the nth that there was to be.
func Number(n int64) string { return fmt.Sprintf("Q-%08d", n) }

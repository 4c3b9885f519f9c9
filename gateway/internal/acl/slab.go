package acl

import (
	"quadrille.dev/gateway/internal/graph/model"
	moneyv1 "quadrille.dev/schema/rpc/money/v1"

	"quadrille.dev/platform/money"
)

// slab hands out objects that were allocated together: an answer has many of a kind, and none of them outlives the others for long.
type slab[T any] []T

// next is the next object of the slab, or one by itself behind its end.
func (s *slab[T]) next() *T {
	if len(*s) == 0 {
		return new(T)
	}
	one := &(*s)[0]
	*s = (*s)[1:]
	return one
}

// take is as many of the next objects as are needed at once.
func take[T any](s *slab[T], count int) []T {
	if count == 0 || count > len(*s) {
		return make([]T, count)
	}
	some := (*s)[:count:count]
	*s = (*s)[count:]
	return some
}

// sums are amounts of money.
type sums struct{ slab[model.Money] }

func (s *sums) amount(m *moneyv1.Money) *model.Money {
	if m == nil {
		return nil
	}
	sum := s.next()
	sum.Amount = money.Money{Minor: m.GetMinorUnits(), Currency: m.GetCurrencyCode()}.Decimal()
	sum.CurrencyCode = m.GetCurrencyCode()
	return sum
}

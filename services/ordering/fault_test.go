package ordering_test

import (
	"slices"
	"testing"
	"time"

	"quadrille.dev/services/ordering"
)

func (s *stage) expect(status string, said ...string) {
	s.Helper()
	if got, _ := s.Status(s.Context(), orderID); got != status || !slices.Equal(s.said, said) {
		s.Errorf("%s, said %v; want %s, %v", got, s.said, status, said)
	}
}

func TestSuccessAfterCancelFulfilsNothing(t *testing.T) {
	s := enter(t)
	for i, step := range []string{"customer cancels", "inventory.stock.deducted", "billing.payment.refunded", "fulfillment.shipment.cancelled"} {
		s.play(step, int64(i+1))
	}
	s.expect("CANCELLED", "placed", "cancelled")
	s.play("inventory.stock.reinstated", 1)
	s.expect("CANCELLED", "placed", "cancelled", "settled")
}

func TestADeadlineThatFiresLateOrTwiceDecidesOnce(t *testing.T) {
	late := enter(t)
	for range 2 {
		late.hear(late.Fire(t.Context(), at.Add(24*time.Hour)))
		late.expect("CANCELLED", "placed", "cancelled")
	}
	late.play("inventory.stock.deducted", 1)
	late.expect("CANCELLED", "placed", "cancelled")

	decided := enter(t)
	decided.play("inventory.stock.deducted", 1)
	decided.hear(decided.Fire(t.Context(), at.Add(deadline)))
	decided.hear(decided.Fire(t.Context(), at.Add(24*time.Hour)))
	decided.expect("FULFILLED", "placed", "fulfilled")
}

func TestAFactForAFinishedOrderDecidesNothing(t *testing.T) {
	fulfilled := enter(t)
	fulfilled.play("inventory.stock.deducted", 1)
	for i, fact := range saga() {
		fulfilled.play(fact, int64(i+2))
	}
	fulfilled.expect("FULFILLED", "placed", "fulfilled")

	settled := enter(t)
	for _, step := range []string{"customer cancels", "inventory.stock.reinstated", "billing.payment.voided", "fulfillment.shipment.cancelled"} {
		settled.play(step, 1)
	}
	for i, fact := range saga() {
		settled.play(fact, int64(i+2))
	}
	settled.expect("CANCELLED", "placed", "cancelled", "settled")
}

// saga is what ordering hears of an order.
func saga() []string {
	return slices.DeleteFunc(ordering.Facts(), func(fact string) bool {
		return !slices.ContainsFunc([]string{"inventory.stock.", "billing.payment.", "fulfillment.shipment."}, func(prefix string) bool {
			return len(fact) > len(prefix) && fact[:len(prefix)] == prefix
		})
	})
}

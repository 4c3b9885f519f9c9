package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
	"quadrille.dev/services/billing/internal/refund"
)

// Refund answers the refund of a return, a new one if there is none.
func (s *Accounts) Refund(_ context.Context, id refund.ReturnID) (refund.Refund, error) {
	if known, ok := s.refunds[id]; ok {
		return known.Refund, nil
	}
	return refund.Of(id), nil
}

// SaveRefund stores a refund and publishes what others hear of the events.
func (s *Accounts) SaveRefund(ctx context.Context, r refund.Refund, at time.Time, events ...refund.Event) error {
	stored := app.RefundIntent{Refund: r, Origin: s.refunds[r.Return].Origin}
	if slices.ContainsFunc(events, refund.Begins) {
		stored.Origin = event.OriginOf(ctx)
	}
	s.refunds[r.Return] = stored
	for _, fact := range s.publish.Refund(r, at, events) {
		s.published = append(s.published, event.New(ctx, fact))
	}
	return nil
}

// DueRefunds answers refunds with a call of the lane that is due.
func (s *Accounts) DueRefunds(_ context.Context, lane app.Lane, at time.Time, limit int) ([]app.RefundIntent, error) {
	due := s.waitingRefunds(func(r refund.Refund) bool { return app.LaneOf(r.Attempts) == lane && !r.DueAt.After(at) })
	return due[:min(limit, len(due))], nil
}

// AskedRefunds answers the refunds whose call is handed over and not answered.
func (s *Accounts) AskedRefunds() []app.RefundIntent {
	return s.waitingRefunds(func(r refund.Refund) bool { return r.Attempts > 0 })
}

// waitingRefunds answers refunds that wait for the provider, the longest due first.
func (s *Accounts) waitingRefunds(which func(refund.Refund) bool) []app.RefundIntent {
	var found []app.RefundIntent
	for _, intent := range s.refunds {
		if intent.Refund.Waits() && which(intent.Refund) {
			found = append(found, intent)
		}
	}
	slices.SortFunc(found, func(x, y app.RefundIntent) int {
		return cmp.Or(x.Refund.DueAt.Compare(y.Refund.DueAt), slices.Compare(x.Refund.Return.UUID[:], y.Refund.Return.UUID[:]))
	})
	return found
}

// Promised answers how much of what an order has paid is promised to returns.
func (s *Accounts) Promised(_ context.Context, order account.OrderID) (promised int64, _ error) {
	for _, intent := range s.refunds {
		if intent.Refund.Order == order {
			promised += intent.Refund.Promised()
		}
	}
	return promised, nil
}

// CountNote counts one credit note more.
func (s *Accounts) CountNote(context.Context) (int64, error) {
	s.notes++
	return s.notes, nil
}

// CountNotes has at least so many credit notes be there.
func (s *Accounts) CountNotes(_ context.Context, least int64) error {
	s.notes = max(s.notes, least)
	return nil
}

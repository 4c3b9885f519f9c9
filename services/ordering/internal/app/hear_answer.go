package app

import (
	"context"
	"time"

	"quadrille.dev/services/ordering/internal/returns"
)

// ReturnAnswer is what a context says to a command for a return.
type ReturnAnswer struct {
	Return returns.ID
	Answer returns.Answer
}

// HearAnswer is the use case that a return goes on with what was answered, or back. A return that was never requested is the impossible:
// nothing is asked for a return before its request is committed.
func HearAnswer(pace returns.Pace) func(ctx context.Context, store Store, heard ReturnAnswer, at time.Time) error {
	return func(ctx context.Context, store Store, heard ReturnAnswer, at time.Time) error {
		_, err := change(ctx, store, heard.Return, at, func(r returns.Return) ([]returns.Event, error) {
			return r.Answered(heard.Answer, pace), nil
		})
		return err
	}
}

package resilience

import (
	"context"
	"errors"
	"fmt"
	"time"

	"connectrpc.com/connect"
	"github.com/failsafe-go/failsafe-go"
)

// Interceptor treats every unary call of a Connect client as the neighbour's. An error that means "did not answer" comes back
// with CodeUnavailable: refused, timed out, not understood, breaker open, too many calls under way.
func (n *Neighbour) Interceptor() connect.Interceptor {
	return connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			start, repeat := time.Now(), request.Spec().IdempotencyLevel == connect.IdempotencyNoSideEffects
			response, err := n.call(ctx, repeat, request.Peer().Addr, func(ctx context.Context) (connect.AnyResponse, error) {
				return next(ctx, request)
			})
			n.metrics.called(n.config.To, request.Spec().Procedure, err, time.Since(start))
			return response, err
		}
	})
}

// Read treats a call that has no side effects as Interceptor would: once makes it, at an address, host and port. Nobody is woken when the
// time of once's context is over: it looks at the deadline itself.
func (n *Neighbour) Read(ctx context.Context, procedure, address string, once func(context.Context) error) error {
	start := time.Now()
	deadline := start.Add(n.config.Timeout)
	_, err := n.repeated(ctx, until{ctx, deadline}, deadline, address, func(ctx context.Context) (connect.AnyResponse, error) {
		return nil, once(ctx)
	})
	n.metrics.called(n.config.To, procedure, err, time.Since(start))
	return err
}

// Inquiry treats every unary call of a Connect client as one that asks how the neighbour is: it has an end and counts in the bulkhead,
// but is made once, also while the breaker is open, and opens none.
func (n *Neighbour) Inquiry() connect.Interceptor {
	return connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			limited, cancel := context.WithTimeout(ctx, n.config.Timeout)
			defer cancel()
			if !n.bulkhead.TryAcquirePermit() {
				return nil, n.unavailable(fmt.Errorf("%w: too many calls under way", errRefusedHere))
			}
			defer n.bulkhead.ReleasePermit()
			response, err := next(limited, request)
			_, err = n.judge(ctx, limited, err)
			return response, err
		}
	})
}

// once makes a call.
type once func(context.Context) (connect.AnyResponse, error)

func (n *Neighbour) call(ctx context.Context, repeat bool, address string, once once) (connect.AnyResponse, error) {
	deadline := time.Now().Add(n.config.Timeout)
	limited, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	if !repeat {
		return n.attempt(ctx, limited, address, once)
	}
	return n.repeated(ctx, limited, deadline, address, once)
}

// repeated makes a call, and makes it again if it fails in a way that may pass; the first time it is in the budget as the others are.
func (n *Neighbour) repeated(ctx, limited context.Context, deadline time.Time, address string, once once) (
	connect.AnyResponse, error,
) {
	n.executions.RecordExecution()
	response, err := n.attempt(ctx, limited, address, once)
	n.executions.ReleaseExecution()
	if err == nil || !repeatable(err) {
		return response, err
	}
	return n.again(ctx, deadline, err, address, once)
}

func (n *Neighbour) again(ctx context.Context, deadline time.Time, failed error, address string, once once) (connect.AnyResponse, error) {
	limited, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	response, err := n.retry.WithContext(limited).GetWithExecution(func(e failsafe.Execution[connect.AnyResponse]) (connect.AnyResponse, error) {
		if e.IsFirstAttempt() {
			return nil, failed
		}
		return n.attempt(ctx, limited, address, once)
	})
	if err != nil && connect.CodeOf(err) == connect.CodeUnknown {
		// The time ran out between two attempts.
		_, err = n.judge(ctx, limited, err)
	}
	return response, err
}

// until is a context that ends at a moment, or with another. Only the other's end wakes whoever waits for its own.
type until struct {
	context.Context
	moment time.Time
}

// Deadline is the earlier of both.
func (u until) Deadline() (time.Time, bool) {
	if deadline, is := u.Context.Deadline(); is && deadline.Before(u.moment) {
		return deadline, true
	}
	return u.moment, true
}

func (u until) Err() error {
	if err := u.Context.Err(); err != nil {
		return err
	}
	if !time.Now().Before(u.moment) {
		return context.DeadlineExceeded
	}
	return nil
}

// attempt makes the call once, if breaker and bulkhead let it.
func (n *Neighbour) attempt(caller, limited context.Context, address string, once once) (connect.AnyResponse, error) {
	if !n.bulkhead.TryAcquirePermit() {
		return nil, n.unavailable(fmt.Errorf("%w: too many calls under way", errRefusedHere))
	}
	defer n.bulkhead.ReleasePermit()
	if !n.breaker.TryAcquirePermit() {
		return nil, n.unavailable(fmt.Errorf("%w: circuit breaker open", errRefusedHere))
	}
	n.at(address)
	recorded := false
	defer func() {
		if !recorded {
			n.record(abandoned) // it panicked
		}
	}()
	response, err := once(limited)
	outcome, err := n.judge(caller, limited, err)
	n.record(outcome)
	recorded = true
	return response, err
}

func (n *Neighbour) at(address string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.address = address
}

// outcome is what a call says of the neighbour.
type outcome int

const (
	// answered: with a result, or with an error of its own.
	answered outcome = iota
	// silent: refused, timed out, or rubbish.
	silent
	// abandoned: the caller went away.
	abandoned
	// hurried: the caller had no more time.
	hurried
)

// judge tells what err says of the neighbour, and which error the caller gets.
func (n *Neighbour) judge(caller, limited context.Context, err error) (outcome, error) {
	_, elsewhere := Silent(err)
	switch code := connect.CodeOf(err); {
	case err == nil:
		return answered, nil
	case errors.Is(caller.Err(), context.Canceled):
		return abandoned, connect.NewError(connect.CodeCanceled, caller.Err())
	case caller.Err() != nil:
		return hurried, n.unavailable(caller.Err())
	case limited.Err() != nil:
		return silent, n.unavailable(limited.Err())
	case connect.IsWireError(err) && (elsewhere || code != connect.CodeUnavailable && code != connect.CodeDeadlineExceeded):
		return answered, err
	default:
		return silent, n.unavailable(err)
	}
}

// Elsewhere is the header of an answer of CodeUnavailable that tells of a third context: it names the one that did not answer. The
// context that says so is well, so the call is not repeated and opens no breaker; else one silent context would silence all
// that need it.
const Elsewhere = "Unavailable-Elsewhere"

// Silent tells which context did not answer, if that is what err means: the neighbour called, or one that it needs.
func Silent(err error) (context string, ok bool) {
	if silence, ok := errors.AsType[*UnavailableError](err); ok {
		return silence.To, true
	}
	if told, ok := errors.AsType[*connect.Error](err); ok {
		context = told.Meta().Get(Elsewhere)
	}
	return context, context != ""
}

// errRefusedHere marks calls that were not made.
var errRefusedHere = errors.New("not called")

// UnavailableError is a neighbour that did not answer.
type UnavailableError struct {
	To  string
	Err error
}

func (e *UnavailableError) Error() string { return fmt.Sprintf("%s did not answer: %v", e.To, e.Err) }
func (e *UnavailableError) Unwrap() error { return e.Err }

func (n *Neighbour) unavailable(err error) error {
	return connect.NewError(connect.CodeUnavailable, &UnavailableError{To: n.config.To, Err: err})
}

// repeatable tells failures after which the neighbour might answer to another try.
func repeatable(err error) bool {
	var silence *UnavailableError
	return errors.As(err, &silence) && !errors.Is(err, errRefusedHere) &&
		!errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled)
}

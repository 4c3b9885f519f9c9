// Package inbox handles facts that arrive in any order and more than once, so that each takes effect once.
//
// The pattern is the idempotent receiver of Hohpe and Woolf's "Enterprise Integration Patterns".
package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"quadrille.dev/platform/event"
)

// Route says what a context does on one fact. S is the context's store, bound to the transaction that also records the fact
// as handled.
type Route[S any] struct {
	// Fact is context, aggregate and fact: "ordering.order.placed".
	Fact string
	// Handle runs the use case. It must be right for facts that come in any order, and must do nothing outside of the store.
	Handle func(ctx context.Context, store S, fact event.Envelope, at time.Time) error
	// Read tells why the fact cannot be read; nil for a route that reads whatever comes.
	Read func(fact event.Envelope) error
	// Ahead is told of all the facts that are about to be handled in one transaction, also of one alone, before the first is, so that what they
	// need can be read at once; nil where nothing is. It must be right for facts that are not handled in the end.
	Ahead func(ctx context.Context, store S, facts []event.Envelope) error
	// Project is what of that builds a read side, and may therefore be done again in a replay; nil where nothing does. It publishes
	// nothing and asks for no call.
	Project func(ctx context.Context, store S, fact event.Envelope, at time.Time) error
	// Linger is how long a message may wait for others to be handled with in one transaction, when none that does not linger comes before;
	// zero where somebody waits for what it does.
	Linger time.Duration
}

// linger is how long a message that nobody waits for waits for others: long enough that at some dozens of sagas a second one meets another,
// and so short that no person sees it.
const linger = 50 * time.Millisecond

// Lingering is the route of messages that nobody waits for.
func (r Route[S]) Lingering() Route[S] {
	r.Linger = linger
	return r
}

// Projecting is the route of which everything builds a read side.
func (r Route[S]) Projecting() Route[S] { return r.ProjectingAs(r) }

// ProjectingAs is the route of which another one, that of a smaller use case, is what builds a read side.
func (r Route[S]) ProjectingAs(smaller Route[S]) Route[S] {
	r.Project = smaller.Handle
	return r
}

// Routes is everything that a context reacts to. Its queue's bindings derive from it.
type Routes[S any] []Route[S]

// Versions reads each version of a fact that a consumer knows into the consumer's own words.
type Versions[M any] map[int]func(event.Envelope) (M, error)

// On routes a fact or a command, in any of the versions known, to a use case. What cannot be read, and a command whose asker would not get
// the answer, are refused for good; a version that is not known is an UnknownVersionError.
func On[S, M any](fact string, versions Versions[M], handle func(ctx context.Context, store S, message M, at time.Time) error) Route[S] {
	read := versions.reader(fact)
	return Route[S]{
		Fact: fact,
		Read: func(e event.Envelope) error {
			_, err := read(e)
			return err
		},
		Handle: func(ctx context.Context, store S, e event.Envelope, at time.Time) error {
			message, err := read(e)
			if err != nil {
				return err
			}
			return handle(ctx, store, message, at)
		},
	}
}

// Foreseen is On with what is told, Ahead, of those of the messages that can be read.
func Foreseen[S, M any](
	fact string, versions Versions[M], handle func(ctx context.Context, store S, message M, at time.Time) error,
	ahead func(ctx context.Context, store S, messages []M) error,
) Route[S] {
	route, read := On(fact, versions, handle), versions.reader(fact)
	route.Ahead = func(ctx context.Context, store S, facts []event.Envelope) error {
		messages := make([]M, 0, len(facts))
		for _, e := range facts {
			if message, err := read(e); err == nil {
				messages = append(messages, message)
			}
		}
		if len(messages) == 0 {
			return nil
		}
		return ahead(ctx, store, messages)
	}
	return route
}

// reader reads a fact or a command in any of the versions.
func (v Versions[M]) reader(fact string) func(event.Envelope) (M, error) {
	answerable := answerable(fact)
	return func(e event.Envelope) (message M, err error) {
		read, known := v[e.DataVersion]
		if !known {
			return message, &UnknownVersionError{Fact: fact, Version: e.DataVersion}
		}
		if message, err = read(e); err == nil {
			err = answerable(e)
		}
		if err != nil {
			return message, &UnreadableError{Fact: fact, Err: err}
		}
		return message, nil
	}
}

// Handle finds the route of a fact and runs it. A fact without a route is an UnknownTypeError.
func (r Routes[S]) Handle(ctx context.Context, store S, e event.Envelope, at time.Time) error {
	route, err := r.of(e)
	if err != nil {
		return err
	}
	return route.Handle(event.CausedBy(ctx, e), store, e, at)
}

// Ahead tells the routes of facts that are about to be handled in one transaction.
func (r Routes[S]) Ahead(ctx context.Context, store S, facts []event.Envelope) error {
	for _, route := range r {
		if route.Ahead == nil {
			continue
		}
		var its []event.Envelope
		for _, fact := range facts {
			if of, err := r.of(fact); err == nil && of.Fact == route.Fact {
				its = append(its, fact)
			}
		}
		if len(its) == 0 {
			continue
		}
		if err := route.Ahead(ctx, store, its); err != nil {
			return err
		}
	}
	return nil
}

// lingers tells until when a fact that comes now waits for others; zero if it does not.
func (r Routes[S]) lingers(e event.Envelope) time.Time {
	route, err := r.of(e)
	if err != nil || route.Linger == 0 {
		return time.Time{}
	}
	return time.Now().Add(route.Linger)
}

// Read tells why a fact cannot be read.
func (r Routes[S]) Read(e event.Envelope) error {
	route, err := r.of(e)
	if err != nil || route.Read == nil {
		return err
	}
	return route.Read(e)
}

func (r Routes[S]) of(e event.Envelope) (Route[S], error) {
	for _, route := range r {
		if route.Fact == e.Name() || route.Fact == "#" {
			return route, nil
		}
	}
	return Route[S]{}, &UnknownTypeError{Fact: e.Name()}
}

// Projections are the routes of a replay: of each route only what builds a read side, and no route that builds none.
func (r Routes[S]) Projections() Routes[S] {
	var projections Routes[S]
	for _, route := range r {
		if route.Project != nil {
			projections = append(projections, Route[S]{Fact: route.Fact, Handle: route.Project})
		}
	}
	return projections
}

// Facts lists what is routed: "ordering.order.placed", or "#" for every fact of every context.
func (r Routes[S]) Facts() []string {
	facts := make([]string, len(r))
	for i, route := range r {
		facts[i] = route.Fact
	}
	return facts
}

// UnknownTypeError is a fact that the context has no route for.
type UnknownTypeError struct{ Fact string }

func (e *UnknownTypeError) Error() string { return "UNKNOWN_EVENT_TYPE: " + e.Fact }

// UnknownVersionError is a version of a fact that the context cannot read.
type UnknownVersionError struct {
	Fact    string
	Version int
}

func (e *UnknownVersionError) Error() string {
	return fmt.Sprintf("UNKNOWN_EVENT_VERSION: %s v%d", e.Fact, e.Version)
}

// UnreadableError is a payload that is not what its schema promises.
type UnreadableError struct {
	Fact string
	Err  error
}

func (e *UnreadableError) Error() string { return "UNREADABLE_EVENT: " + e.Err.Error() }
func (e *UnreadableError) Unwrap() error { return e.Err }

// Permanent tells errors that no retry of the same code can mend: the context does not know the fact, its version or its shape.
func Permanent(err error) bool { return permanent(err) }

// permanent tells errors that no retry of the same code can mend.
func permanent(err error) bool {
	var (
		unknownType    *UnknownTypeError
		unknownVersion *UnknownVersionError
		unreadable     *UnreadableError
	)
	return errors.As(err, &unknownType) || errors.As(err, &unknownVersion) || errors.As(err, &unreadable)
}

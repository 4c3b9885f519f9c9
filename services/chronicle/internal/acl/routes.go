// Package acl reads the facts of all contexts: the only place that knows their words.
package acl

import (
	"context"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"

	"quadrille.dev/services/chronicle/internal/app"
)

// linger is how long a fact may wait for others to be recorded with: whoever watches a saga sees it within 50 ms, and most of them are not this.
const linger = 10 * time.Millisecond

// Routes is everything that chronicle reacts to: every fact of every context, also those that it does not understand.
func Routes() inbox.Routes[app.Store] {
	return inbox.Routes[app.Store]{inbox.Route[app.Store]{Fact: "#", Handle: record, Ahead: expect, Linger: linger}.Projecting()}
}

// expect has the sagas be read to which facts belong.
func expect(ctx context.Context, store app.Store, facts []event.Envelope) error {
	var expected []app.Expected
	for _, e := range facts {
		if process, id := ProcessOf(e.Name()), text(e.CorrelationID); process != nil && id != "" {
			expected = append(expected, app.Expected{Fact: e.ID, Saga: id, Process: process})
		}
	}
	if len(expected) == 0 {
		return nil
	}
	return store.Expect(ctx, expected)
}

func record(ctx context.Context, store app.Store, e event.Envelope, at time.Time) error {
	fact, err := Read(e)
	if err != nil {
		return err
	}
	return app.Record(ctx, store, fact, at)
}

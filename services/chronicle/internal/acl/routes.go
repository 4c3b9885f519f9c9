// Package acl reads the facts of all contexts: the only place that knows their words.
package acl

import (
	"context"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"

	"quadrille.dev/services/chronicle/internal/app"
)

// Routes is everything that chronicle reacts to: every fact of every context, also those that it does not understand.
func Routes() inbox.Routes[app.Store] {
	return inbox.Routes[app.Store]{inbox.Route[app.Store]{Fact: "#", Handle: record}.Projecting()}
}

func record(ctx context.Context, store app.Store, e event.Envelope, at time.Time) error {
	fact, err := Read(e)
	if err != nil {
		return err
	}
	return app.Record(ctx, store, fact, at)
}

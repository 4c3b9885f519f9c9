package acl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"quadrille.dev/platform/event"

	"quadrille.dev/services/chronicle/internal/app"
)

// Read takes a fact as it came. It refuses none: what cannot be understood is recorded all the same.
func Read(e event.Envelope) (app.Fact, error) {
	e.Data = blot(e.Name(), e.Data)
	envelope, err := json.Marshal(e)
	if err != nil {
		return app.Fact{}, fmt.Errorf("encode %s: %w", e.Name(), err)
	}
	at := e.Time.UTC()
	if at.IsZero() {
		at = time.Unix(0, 0).UTC()
	}
	return app.Fact{
		ID:            e.ID,
		Name:          text(e.Name()),
		Version:       e.DataVersion,
		Context:       text(e.Context()),
		Subject:       text(e.Subject),
		CorrelationID: text(e.CorrelationID),
		CausationID:   text(e.CausationID),
		At:            at,
		Envelope:      bytes.ToValidUTF8(envelope, []byte("\uFFFD")),
		Process:       ProcessOf(e.Name()),
		Order:         orderPlaced(e),
	}, nil
}

// text is a string as PostgreSQL can store it, which knows no NUL.
func text(s string) string { return strings.ReplaceAll(s, "\x00", "\uFFFD") }

package acl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/personal"

	"quadrille.dev/services/chronicle/internal/app"
)

// Read takes a fact as it came. It refuses none: what cannot be understood is recorded all the same.
func Read(e event.Envelope) (app.Fact, error) {
	e = personal.Erase(e)
	envelope, err := json.Marshal(e)
	if err != nil {
		return app.Fact{}, fmt.Errorf("encode %s: %w", e.Name(), err)
	}
	process := ProcessOf(e.Name())
	remark := process != nil && process.Remarks(e.Name())
	if process == nil {
		process = remarkOn(e)
		remark = process != nil
	}
	at := e.Time.UTC()
	if at.IsZero() {
		at = time.Unix(0, 0).UTC()
	}
	return app.Fact{
		ID:            e.ID,
		Name:          e.Name(),
		Version:       e.DataVersion,
		Context:       e.Context(),
		Subject:       e.Subject,
		CorrelationID: text(e.CorrelationID),
		CausationID:   text(e.CausationID),
		At:            at,
		Envelope:      bytes.ToValidUTF8(envelope, []byte("\uFFFD")),
		Process:       process,
		Remark:        remark,
		Step:          stepOf(process, e),
		Order:         about(e),
		SKUs:          skus(e),
		Erased:        customerErased(e),
		Action:        acted(e),
	}, nil
}

// text is a string as PostgreSQL can store it, which knows no NUL. Messages with one in source, type or subject never get here.
func text(s string) string { return strings.ReplaceAll(s, "\x00", "\uFFFD") }

package acl

import (
	"encoding/json"
	"fmt"

	"quadrille.dev/platform/event"

	"quadrille.dev/services/chronicle/internal/app"
)

// Inspect reads a recorded envelope.
func Inspect(envelope []byte) (app.Inspected, error) {
	var e event.Envelope
	if err := json.Unmarshal(envelope, &e); err != nil {
		return app.Inspected{}, fmt.Errorf("read recorded fact: %w", err)
	}
	fact, err := Read(e)
	return app.Inspected{Heard: fact.Heard(), Payload: e.Data, TraceID: e.TraceID()}, err
}

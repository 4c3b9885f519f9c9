package inbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/personal"
)

// PayloadError refuses an edited payload.
type PayloadError struct{ Err error }

func (e *PayloadError) Error() string { return "edited payload: " + e.Err.Error() }
func (e *PayloadError) Unwrap() error { return e.Err }

// edit is a message with another payload.
type edit struct {
	fact event.Envelope
	// changed are the paths of what differs.
	changed []string
}

// edit gives a message a payload that the context can read.
func (p *Parking) edit(message parked, payload json.RawMessage) (*edit, error) {
	if !json.Valid(payload) {
		return nil, &PayloadError{fmt.Errorf("this is not JSON")}
	}
	edited := &edit{fact: message.fact}
	var err error
	if edited.fact.Data, err = personal.Restore(message.fact.Name(), message.fact.Data, payload); err != nil {
		return nil, &PayloadError{err}
	}
	if err := p.read(edited.fact); err != nil {
		return nil, &PayloadError{err}
	}
	edited.changed = differences("", decoded(message.fact.Data), decoded(edited.fact.Data))
	return edited, nil
}

// keepEdit replaces the payload of a message, and keeps how it was.
func (p *Parking) keepEdit(ctx context.Context, tx pgx.Tx, entry audit.Entry, message parked, edited *edit) error {
	envelope, err := json.Marshal(edited.fact)
	if err != nil {
		return fmt.Errorf("encode edited message: %w", err)
	}
	_, err = tx.Exec(ctx, `UPDATE waiting SET envelope = $3 WHERE consumer = $1 AND message_id = $2`, p.consumer, message.id, envelope)
	if err != nil {
		return fmt.Errorf("edit %s: %w", message.id, err)
	}
	return p.keepIntervention(ctx, tx, entry, message, &edited.fact)
}

// keepIntervention keeps how a message was, and how it is now unless it was discarded.
func (p *Parking) keepIntervention(ctx context.Context, tx pgx.Tx, entry audit.Entry, message parked, after *event.Envelope) error {
	before, err := blotted(message.fact)
	if err != nil {
		return err
	}
	var now []byte
	if after != nil {
		if now, err = blotted(*after); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO interventions (audit_id, consumer, message_id, type, error, before, after, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		entry.ID, p.consumer, message.id, message.fact.Type, message.error, before, now, entry.At)
	if err != nil {
		return fmt.Errorf("keep how %s was: %w", message.id, err)
	}
	return nil
}

func blotted(fact event.Envelope) ([]byte, error) {
	fact.Data = personal.Blot(fact.Name(), fact.Data)
	envelope, err := json.Marshal(fact)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", fact.ID, err)
	}
	return bytes.ToValidUTF8(envelope, []byte("\uFFFD")), nil
}

// mostTold is how many differences are told.
const mostTold = 5

// told tells an edit in the middle of a sentence; nothing for none.
func (e *edit) told() string {
	switch {
	case e == nil:
		return ""
	case len(e.changed) == 0:
		return " with a payload that says the same"
	case len(e.changed) > mostTold:
		return fmt.Sprintf(" with %s and %d more changed", strings.Join(e.changed[:mostTold], ", "), len(e.changed)-mostTold)
	default:
		return " with " + strings.Join(e.changed, ", ") + " changed"
	}
}

// differences are the paths at which two payloads differ.
func differences(at string, a, b any) []string {
	before, wasObject := a.(map[string]any)
	after, isObject := b.(map[string]any)
	if !wasObject || !isObject {
		if reflect.DeepEqual(a, b) {
			return nil
		}
		if at == "" {
			return []string{"everything"}
		}
		return []string{at}
	}
	names := maps.Clone(before)
	maps.Copy(names, after)
	var all []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		path := name
		if at != "" {
			path = at + "." + name
		}
		all = append(all, differences(path, before[name], after[name])...)
	}
	return all
}

func decoded(payload json.RawMessage) any {
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	var value any
	_ = decoder.Decode(&value) // what cannot be read differs from everything that can
	return value
}

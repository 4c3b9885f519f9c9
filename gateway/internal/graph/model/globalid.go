package model

import (
	"encoding/base64"
	"strings"

	"github.com/google/uuid"

	"quadrille.dev/gateway/internal/fault"
)

// The kinds of objects that have global ids.
const (
	KindProduct  = "Product"
	KindCustomer = "Customer"
	KindOrder    = "Order"
	KindReturn   = "Return"
	KindSaga     = "Saga"
	KindAudit    = "AuditEntry"
	// KindParked is the kind of parked messages, whose keys name the context that has parked them.
	KindParked = "ParkedMessage"
	// KindFact is the kind of facts, whose ids are those of their messages.
	KindFact = "Fact"
)

// ParkedID makes the global id of a message that a context has parked.
func ParkedID(context, key string) string { return GlobalID(KindParked, context+"/"+key) }

// ReadParkedID answers the context that has parked a message, and the message's id there.
func ReadParkedID(id string) (context, key string, err error) {
	kind, place, err := ReadGlobalID(id)
	if err != nil || kind != KindParked {
		return "", "", fault.BadInput("%q is not the id of a parked message.", id)
	}
	context, key, _ = strings.Cut(place, "/")
	return context, key, nil
}

// GlobalID makes the id that clients see: kind and key, opaque.
func GlobalID(kind, key string) string {
	var plain [64]byte
	var encoded [2 * len(plain)]byte // the usual ids fit, and cost no memory but their own
	return string(base64.RawURLEncoding.AppendEncode(encoded[:0], append(append(append(plain[:0], kind...), ':'), key...)))
}

// ReadGlobalID answers what a global id names. The key of a parked message is its context, a slash, and its id there; all others are UUIDs.
func ReadGlobalID(id string) (kind, key string, err error) {
	if key, ok := canonical(id); ok {
		return KindFact, key, nil
	}
	decoded, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		return "", "", fault.BadInput("%q is not an id.", id)
	}
	kind, key, _ = strings.Cut(string(decoded), ":")
	context, within, parked := strings.Cut(key, "/")
	if kind == KindParked && parked {
		key = within
	}
	key, ok := canonical(key)
	switch {
	case !ok:
	case kind == KindParked && parked:
		return kind, context + "/" + key, nil
	case kind == KindProduct, kind == KindCustomer, kind == KindOrder, kind == KindReturn, kind == KindSaga, kind == KindAudit:
		return kind, key, nil
	}
	return "", "", fault.BadInput("%q is not an id.", id)
}

// Key reads the id of an object whose kind is known: its global id, or a bare UUID.
func Key(kind, id string) (string, error) {
	if key, ok := canonical(id); ok {
		return key, nil
	}
	found, key, err := ReadGlobalID(id)
	if err != nil {
		return "", err
	}
	if found != kind {
		return "", fault.BadInput("%q is the id of a %s, not of a %s.", id, strings.ToLower(found), strings.ToLower(kind))
	}
	return key, nil
}

// canonical is a UUID in its usual form; other forms are not taken.
func canonical(text string) (string, bool) {
	parsed, err := uuid.Parse(text)
	if err != nil || len(text) != len(uuid.Nil.String()) {
		return "", false
	}
	return parsed.String(), true
}

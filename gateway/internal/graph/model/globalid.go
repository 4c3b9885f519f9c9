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
	KindSaga     = "Saga"
)

// KindParked is the kind of parked messages, whose keys name the context that has parked them.
const KindParked = "ParkedMessage"

// ParkedID makes the global id of a message that a context has parked.
func ParkedID(context, key string) string { return GlobalID(KindParked, context+"/"+key) }

// ReadParkedID answers the context that has parked a message, and the message's id there.
func ReadParkedID(id string) (context, key string, err error) {
	decoded, err := base64.RawURLEncoding.DecodeString(id)
	kind, place, _ := strings.Cut(string(decoded), ":")
	context, key, _ = strings.Cut(place, "/")
	key, ok := canonical(key)
	if err != nil || kind != KindParked || !ok {
		return "", "", fault.BadInput("%q is not the id of a parked message.", id)
	}
	return context, key, nil
}

// GlobalID makes the id that clients see: kind and key, opaque.
func GlobalID(kind, key string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(kind + ":" + key))
}

// ReadGlobalID answers what a global id names.
func ReadGlobalID(id string) (kind, key string, err error) {
	decoded, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		return "", "", fault.BadInput("%q is not an id.", id)
	}
	kind, key, _ = strings.Cut(string(decoded), ":")
	key, ok := canonical(key)
	if !ok {
		return "", "", fault.BadInput("%q is not an id.", id)
	}
	switch kind {
	case KindProduct, KindCustomer, KindOrder, KindSaga:
		return kind, key, nil
	default:
		return "", "", fault.BadInput("%q is not an id.", id)
	}
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

// Package scalar reads and writes the scalars that the API has of its own.
package scalar

import (
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"quadrille.dev/gateway/internal/fault"
)

// layout is RFC 3339 with up to microseconds.
const layout = "2006-01-02T15:04:05.999999Z07:00"

// MarshalDateTime writes a moment in UTC.
func MarshalDateTime(moment time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		io.WriteString(w, strconv.Quote(moment.UTC().Format(layout))) //nolint:errcheck // a broken connection shows elsewhere
	})
}

// UnmarshalDateTime reads RFC 3339 in any zone.
func UnmarshalDateTime(value any) (time.Time, error) {
	text, err := UnmarshalText(value)
	if err != nil {
		return time.Time{}, err
	}
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fault.BadInput("%q is not a moment as in RFC 3339", text)
	}
	return moment, nil
}

// MarshalText writes a string.
func MarshalText(text string) graphql.Marshaler { return graphql.MarshalString(text) }

// UnmarshalText reads a string and nothing else. Whether it says something sensible is for the owner of the value to judge,
// who answers with a user error that names the field.
func UnmarshalText(value any) (string, error) {
	text, ok := value.(string)
	if !ok {
		return "", fault.BadInput("%v is not a string", value)
	}
	return text, nil
}

// MarshalJSON writes JSON as a text.
func MarshalJSON(text string) graphql.Marshaler { return graphql.MarshalString(text) }

// UnmarshalJSON reads a text, which is up to its reader to understand, or makes one of any other value.
func UnmarshalJSON(value any) (string, error) {
	if text, ok := value.(string); ok {
		return text, nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return "", fault.BadInput("%v is not JSON", value)
	}
	return string(text), nil
}

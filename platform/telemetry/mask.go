package telemetry

import (
	"log/slog"
	"regexp"
	"sync"

	"quadrille.dev/platform/personal"
	"quadrille.dev/schema"
)

// fields are the names under which personal data travels, as the schemas mark it.
var fields = sync.OnceValue(func() map[string]bool {
	fields := map[string]bool{}
	for _, declared := range schema.Events() {
		for _, path := range declared.Personal {
			fields[path[len(path)-1]] = true
		}
	}
	return fields
})

// tells matches what gives a person away, or lets somebody act as them, whatever text it is in: e-mail addresses, the payment
// provider's tokens, and tokens that sign in.
var tells = regexp.MustCompile(`[\w.%+'-]+@[\w-]+(\.[\w-]+)+|\bpm_\w+|\beyJ[\w-]+\.[\w.-]+`)

// mask blots personal data in an attribute of a record.
func mask(_ []string, attr slog.Attr) slog.Attr {
	text := attr.Value.Resolve()
	if err, is := text.Any().(error); is {
		text = slog.StringValue(err.Error())
	}
	switch {
	case text.Kind() == slog.KindGroup:
	case fields()[attr.Key]:
		attr.Value = slog.StringValue(personal.Blotted)
	case text.Kind() == slog.KindString:
		attr.Value = slog.StringValue(tells.ReplaceAllString(text.String(), personal.Blotted))
	}
	return attr
}

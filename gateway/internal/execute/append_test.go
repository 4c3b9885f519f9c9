package execute

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"quadrille.dev/gateway/internal/graph/scalar"
)

// marshalled is what gqlgen writes.
func marshalled(value graphql.Marshaler) string {
	var text strings.Builder
	value.MarshalGQL(&text)
	return text.String()
}

func FuzzStringsAreWrittenAsByGqlgen(f *testing.F) {
	f.Add("plain")
	f.Add("\"quoted\" \\ back\b\f\n\r\t\x00\x1f\x7f \u2028 é 日本 🙂 </script>")
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "?")
		got := string(AppendString(nil, text))
		if want := marshalled(graphql.MarshalString(text)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		var read string
		if err := json.Unmarshal([]byte(got), &read); err != nil || read != text {
			t.Errorf("%s is read as %q, %v", got, read, err)
		}
	})
}

func FuzzMomentsAreWrittenAsByGqlgen(f *testing.F) {
	for _, seconds := range []int64{0, 1, -1, 951782400, 1772366400, -62135596801, 253402300799, 253402300800} {
		f.Add(seconds, int64(123456789), 7200)
		f.Add(seconds, int64(500000000), 0)
		f.Add(seconds, int64(999), 0)
	}
	f.Fuzz(func(t *testing.T, seconds, nanoseconds int64, zone int) {
		moment := time.Unix(seconds%(1<<40), nanoseconds%1e9).In(time.FixedZone("", zone%86400))
		if got, want := string(AppendDateTime(nil, moment)), marshalled(scalar.MarshalDateTime(moment)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

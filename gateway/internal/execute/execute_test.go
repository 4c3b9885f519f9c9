package execute_test

import (
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
)

func TestBothExecutorsAnswerTheSame(t *testing.T) {
	s := newShop()
	for _, document := range []string{browse, orders} {
		got, want := asked(t, planned(s), document)(), asked(t, stock(s), document)()
		if diff := cmp.Diff(string(want.Data), string(got.Data)); diff != "" {
			t.Errorf("%s", diff)
		}
		if len(want.Errors) > 0 || len(got.Errors) > 0 {
			t.Errorf("errors %v, and %v", want.Errors, got.Errors)
		}
	}
}

func BenchmarkBrowse(b *testing.B) { both(b, browse) }

func BenchmarkOrders(b *testing.B) { both(b, orders) }

func both(b *testing.B, document string) {
	s := newShop()
	for name, schema := range map[string]graphql.ExecutableSchema{"planned": planned(s), "gqlgen": stock(s)} {
		b.Run(name, func(b *testing.B) {
			ask := asked(b, schema, document)
			b.ReportAllocs()
			for b.Loop() {
				ask()
			}
		})
	}
}

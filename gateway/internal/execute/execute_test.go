package execute_test

import (
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"

	"quadrille.dev/platform/testkit/allocate"
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

// A page of fifty products has 400 fields, and twenty orders have 3,000.
func TestAllocationsAreByTheLevelAndNotByTheField(t *testing.T) {
	s := planned(newShop())
	for name, test := range map[string]struct {
		document string
		most     float64
	}{"browse": {browse, 100}, "orders": {orders, 370}} {
		t.Run(name, func(t *testing.T) {
			ask := asked(t, s, test.document)
			ask() // makes the plan
			allocate.AtMost(t, test.most, func() { ask() })
		})
	}
}

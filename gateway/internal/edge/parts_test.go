package edge

import (
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
)

func TestPartsAreSentWhenTheirPlaceIs(t *testing.T) {
	order, saga := ast.Path{ast.PathName("order")}, ast.Path{ast.PathName("order"), ast.PathName("saga")}
	second := ast.Path{ast.PathName("order"), ast.PathName("saga"), ast.PathName("steps"), ast.PathIndex(1)}
	rest := increment{answer{Data: []byte(`{"saga":{"steps":[{"name":"pay"},{"name":"ship"}]}}`)}, "rest", order}
	failed := increment{answer{Data: []byte(`null`)}, "failed", order}
	goods := increment{answer{Data: []byte(`{"shipment":null}`)}, "goods", order}
	money := increment{answer{Data: []byte(`{"payment":null}`)}, "money", saga}
	took := increment{answer{Data: []byte(`{"took":7}`)}, "took", second}
	for name, test := range map[string]struct {
		come []increment
		want []string
	}{
		"as they come":              {[]increment{rest, money, goods}, []string{"rest", "money", "goods"}},
		"inner before outer":        {[]increment{money, took, rest, goods}, []string{"rest", "money", "took", "goods"}},
		"nobody waits who need not": {[]increment{took, goods, rest}, []string{"goods", "rest", "took"}},
		"without a place":           {[]increment{money, failed, goods}, []string{"failed", "goods", "money"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := partsBehind(&graphql.Response{Data: []byte(`{"order":{"number":"Q-1"}}`)})
			var got []string
			for i, part := range test.come {
				p.come(part)
				for part, ready := p.next(i == len(test.come)-1); ready; part, ready = p.next(i == len(test.come)-1) {
					got = append(got, part.Label)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
		})
	}
}

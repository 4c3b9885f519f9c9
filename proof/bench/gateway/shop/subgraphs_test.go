package shop

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSubgraphsAreAskedInAnyWords(t *testing.T) {
	graphs := New().Subgraphs()
	mug := map[string]any{"__typename": "Product", "sku": "BENCH-002"}
	tests := map[string]struct {
		subgraph, document string
		variables          map[string]any
		want               string
	}{
		"a root field, under another name": {
			"catalog", `{ some: products(first: 1) { nodes { ... on Product { sku } __typename sku } } }`, nil,
			`{"some":{"nodes":[{"sku":"BENCH-001","__typename":"Product"}]}}`,
		},
		"entities of what nobody knows are null": {
			"pricing", `query($r: [_Any!]!) { _entities(representations: $r) { ... on Product { price { amount } } ... on Order { id } } }`,
			map[string]any{"r": []any{mug, map[string]any{"__typename": "Product", "sku": "NONE"}}},
			`{"_entities":[{"price":{"amount":"10.25"}},null]}`,
		},
		"entities twice": {
			"inventory", `query($a: [_Any!]!, $b: [_Any!]!) { a: _entities(representations: $a) { ...F } b: _entities(representations: $b) { ...F } }
				fragment F on Product { availability { status } }`,
			map[string]any{"a": []any{mug}, "b": []any{map[string]any{"__typename": "Product", "sku": "BENCH-001"}}},
			`{"a":[{"availability":{"status":"LOW_STOCK"}}],"b":[{"availability":{"status":"OUT_OF_STOCK"}}]}`,
		},
		"selections of one field from two places": {
			"billing", `query($r: [_Any!]!) { _entities(representations: $r) { ... on Order { invoice { number } } ... on Order { invoice { status } } } }`,
			map[string]any{"r": []any{map[string]any{"__typename": "Order", "id": New().OrderIDs()[0]}}},
			`{"_entities":[{"invoice":{"number":"INV-00000001","status":"ISSUED"}}]}`,
		},
		"of what is another's there is the key": {
			"ordering", `query($ids: [ID!]!) { nodes(ids: $ids) { lines { product { sku name } } customer { id } } }`,
			map[string]any{"ids": []any{"unknown"}},
			`{"nodes":[null]}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := graphs[test.subgraph].Answer(test.document, test.variables)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestASubgraphKnowsOnlyItsOwn(t *testing.T) {
	s := New()
	got, err := s.Subgraphs()["ordering"].Answer(`query($ids: [ID!]!) { nodes(ids: $ids) { lines { product { sku name price { amount } } } customer { name } } }`,
		map[string]any{"ids": []any{s.OrderIDs()[0]}})
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Nodes []struct {
			Lines []struct {
				Product struct{ SKU, Name, Price *string }
			}
			Customer struct{ Name *string }
		}
	}
	if err := json.Unmarshal(got, &answer); err != nil {
		t.Fatal(err)
	}
	order := answer.Nodes[0]
	if len(order.Lines) != linesPerOrder || order.Lines[0].Product.SKU == nil {
		t.Errorf("order has no lines with products: %s", got)
	}
	if order.Lines[0].Product.Name != nil || order.Lines[0].Product.Price != nil || order.Customer.Name != nil {
		t.Errorf("ordering tells what is another's: %s", got)
	}
}

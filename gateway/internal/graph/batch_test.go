package graph

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/platform/testkit/allocate"
)

// prices is pricing, which notes what it is asked for.
type prices struct{ asked []string }

func (p *prices) read(_ context.Context, skus []string) (map[string]string, error) {
	p.asked = append(p.asked, strings.Join(skus, " "))
	found := make(map[string]string, len(skus))
	for _, sku := range skus {
		found[sku] = "price of " + sku
	}
	return found, nil
}

func (p *prices) batch() batch[*model.Product, string] {
	return batch[*model.Product, string]{name: "price", siblings: productSiblings, key: productSKU, read: p.read}
}

func products(skus ...string) []*model.Product {
	all := make([]*model.Product, len(skus))
	for i, sku := range skus {
		all[i] = &model.Product{SKU: sku}
	}
	return model.GatherProducts(all)
}

func TestProductsOfTwoListsAreReadInOneCall(t *testing.T) {
	pricing := &prices{}
	one, other := products("CUP", "JUG"), products("POT", "CUP")
	for range 2 {
		values, err := pricing.batch().resolve(t.Context(), []*model.Product{other[0], one[1], other[1]})
		if diff := cmp.Diff([]string{"price of POT", "price of JUG", "price of CUP"}, values); diff != "" || err != nil {
			t.Errorf("%v, values (-want +got):\n%s", err, diff)
		}
	}
	if diff := cmp.Diff([]string{"CUP JUG POT"}, pricing.asked); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// However many objects there are, none of them costs memory of its own.
func TestABatchIsReadWithoutAllocatingForEach(t *testing.T) {
	skus := make([]string, 100)
	for i := range skus {
		skus[i] = string(rune('A' + i))
	}
	found, _ := (&prices{}).read(t.Context(), skus)
	reading := batch[*model.Product, string]{
		name: "price", siblings: productSiblings, key: productSKU,
		read: func(context.Context, []string) (map[string]string, error) { return found, nil },
	}
	all := products(skus...)
	allocate.AtMost(t, 15, func() {
		model.GatherProducts(all)
		if _, err := reading.resolve(t.Context(), all); err != nil {
			t.Error(err)
		}
	})
}

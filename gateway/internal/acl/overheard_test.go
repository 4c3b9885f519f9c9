package acl

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/schema"
)

// Of every fact that the gateway overhears, each example names what has changed, unless it tells of an order that had nothing.
func TestOverheardFactsNameWhatHasChanged(t *testing.T) {
	heard := 0
	for _, fact := range schema.Events() {
		context, rest, _ := strings.Cut(fact.Name, ".")
		aggregate, _, _ := strings.Cut(rest, ".")
		if !slices.Contains([]string{"catalog.product", "pricing.price", "inventory.stock"}, context+"."+aggregate) {
			continue
		}
		for _, example := range fact.Examples {
			heard++
			body, err := json.Marshal(event.New(t.Context(), event.Fact{
				Name: fact.Name, Version: fact.Version, Subject: "1", Sequence: 1, CorrelationID: "1", At: time.Now(), Data: example,
			}))
			if err != nil {
				t.Fatal(err)
			}
			changed, err := ReadFact(body)
			nothing := strings.Contains(string(example), `"lines":[]`) || strings.Contains(string(example), `"lines": []`)
			if err != nil || (len(changed.SKUs) == 0) != nothing || context == "catalog" && changed.ProductID == "" {
				t.Errorf("%s: %+v, %v", fact.Name, changed, err)
			}
		}
	}
	if heard < 15 {
		t.Errorf("%d examples", heard)
	}
}

func TestLevelsNameASKU(t *testing.T) {
	for signal, skus := range map[string][]string{
		`{"sku":"cup","available":3}`: {"CUP"},
		`{"sku":"cup","available":3,"others":[{"sku":"jug","available":0},{"sku":"mug","available":1}]}`: {"CUP", "JUG", "MUG"},
	} {
		if changed, err := ReadChangedLevels([]byte(signal)); err != nil || !slices.Equal(changed.SKUs, skus) {
			t.Errorf("%s is %+v, %v", signal, changed, err)
		}
	}
	for _, rubbish := range []string{"rubbish", "{}", `{"sku":"cup","available":3,"others":[{"available":0}]}`} {
		if changed, err := ReadChangedLevels([]byte(rubbish)); err == nil {
			t.Errorf("%s is %+v", rubbish, changed)
		}
	}
}

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
	if changed, err := ReadChangedLevel([]byte(`{"sku":"cup","available":3}`)); err != nil || !slices.Equal(changed.SKUs, []string{"CUP"}) {
		t.Errorf("%+v, %v", changed, err)
	}
	for _, rubbish := range []string{"rubbish", "{}"} {
		if changed, err := ReadChangedLevel([]byte(rubbish)); err == nil {
			t.Errorf("%s is %+v", rubbish, changed)
		}
	}
}

package seed

import (
	"regexp"
	"testing"
)

func TestProductsAreFitForSale(t *testing.T) {
	list, err := products()
	if err != nil {
		t.Fatal(err)
	}
	price := regexp.MustCompile(`^\d+\.\d\d$`)
	seen, categories := map[string]bool{}, map[string]int{}
	for _, p := range list {
		if seen[p.sku] {
			t.Errorf("%s occurs twice", p.sku)
		}
		seen[p.sku] = true
		categories[p.category]++
		if !price.MatchString(p.price) || p.stock <= 0 || p.name == "" || p.description == "" {
			t.Errorf("%+v cannot be sold", p)
		}
	}
	if len(list) != 60 || len(categories) != 6 {
		t.Errorf("%d products in %d categories", len(list), len(categories))
	}
}

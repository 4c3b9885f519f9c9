package country_test

import (
	"testing"

	"quadrille.dev/platform/country"
)

func TestExists(t *testing.T) {
	existing := 0
	for first := 'A'; first <= 'Z'; first++ {
		for second := 'A'; second <= 'Z'; second++ {
			if country.Exists(string(first) + string(second)) {
				existing++
			}
		}
	}
	if existing != 249 {
		t.Errorf("there are %d countries", existing)
	}
	for _, code := range []string{"GB", "IE", "DE", "FR", "US", "JP", "TW", "AQ", "BQ", "SS", "CW"} {
		if !country.Exists(code) {
			t.Errorf("%s is none", code)
		}
	}
	for _, code := range []string{"", "UK", "EU", "UN", "XK", "AN", "SU", "YU", "IC", "EA", "AC", "ZZ", "gb", "GBR", "826", "G", "É"} {
		if country.Exists(code) {
			t.Errorf("%q is one", code)
		}
	}
}

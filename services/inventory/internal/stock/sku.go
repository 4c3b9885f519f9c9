package stock

import (
	"errors"
	"regexp"
	"strings"
)

var skuForm = regexp.MustCompile(`^[A-Z0-9][A-Z0-9._-]{0,39}$`)

// ErrSKU is the reason of every refused SKU.
var ErrSKU = errors.New("not a SKU")

// ParseSKU reads a SKU in any case: 1 to 40 letters, digits, dashes, dots and underscores, from a letter or digit on.
func ParseSKU(text string) (string, error) {
	sku := strings.ToUpper(text)
	if !skuForm.MatchString(sku) {
		return "", ErrSKU
	}
	return sku, nil
}

package customer

import (
	"errors"

	"github.com/google/uuid"

	"quadrille.dev/platform/country"
)

// MaxAddresses is how many addresses a customer can keep.
const MaxAddresses = 100

// ErrTooMany is the answer to one address more than that.
var ErrTooMany = errors.New("too many addresses")

// Address is where a customer has things sent.
type Address struct {
	ID                                          uuid.UUID
	Name, Street, City, PostalCode, CountryCode string
}

// Check lists what is wrong with an address; paths start with "address".
func (a Address) Check() []Problem {
	var check checks
	check.text([]string{"address", "name"}, a.Name, 200)
	check.text([]string{"address", "street"}, a.Street, 200)
	check.text([]string{"address", "city"}, a.City, 100)
	check.text([]string{"address", "postalCode"}, a.PostalCode, 20)
	check.country([]string{"address", "countryCode"}, a.CountryCode)
	return check
}

func (c *checks) country(path []string, code string) {
	switch {
	case code == "":
		c.add(Required, "A country is required.", path...)
	case !country.Exists(code):
		c.add(Malformed, "The country is not an ISO 3166-1 alpha-2 code in capitals.", path...)
	}
}

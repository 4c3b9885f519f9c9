package rpc

import (
	"quadrille.dev/platform/country"
	"quadrille.dev/services/ordering/internal/problem"
)

func (in *input) country(code string) {
	path := []string{"shippingAddress", "countryCode"}
	switch {
	case code == "":
		in.complain(problem.At(problem.Required, "The country is missing.", path...))
	case !country.Exists(code):
		in.complain(problem.At(problem.Malformed, "The country is not an ISO 3166-1 code of two capitals.", path...))
	}
}

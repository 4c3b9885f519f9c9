package rpc

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"quadrille.dev/platform/serve"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/problem"
	"quadrille.dev/services/ordering/internal/quote"
)

// What an order may have at most.
const (
	maxLines      = 1_000
	maxQuantity   = 10_000
	maxPromotions = 10
	maxReason     = 500
)

var (
	skuForm       = regexp.MustCompile(`^[A-Z0-9._-]{1,40}$`)
	promotionForm = regexp.MustCompile(`^[A-Z0-9-]{3,32}$`)
	tokenForm     = regexp.MustCompile(`^pm_[A-Za-z0-9_]{1,64}$`)
)

// input collects all that is wrong with an input while it is read.
type input struct{ problems []problem.Problem }

func (in *input) complain(p ...problem.Problem) { in.problems = append(in.problems, p...) }

// basket reads lines, merging those of one SKU, and promotion codes.
func (in *input) basket(lines []*orderingv1.LineInput, codes []string) quote.Basket {
	return quote.Basket{Lines: in.lines(lines), PromotionCodes: in.promotions(codes)}
}

func (in *input) lines(lines []*orderingv1.LineInput) []quote.Line {
	switch {
	case len(lines) == 0:
		in.complain(problem.At(problem.Required, "There is at least one line.", "lines"))
		return nil
	case len(lines) > maxLines:
		in.complain(problem.At(problem.OutOfRange, fmt.Sprintf("There are at most %d lines.", maxLines), "lines"))
		return nil
	}
	var merged []quote.Line
	at := map[string]int{}
	for i, line := range lines {
		sku, ok := in.line(i, line)
		if !ok {
			continue
		}
		j, again := at[sku]
		if !again {
			at[sku] = len(merged)
			merged = append(merged, quote.Line{SKU: sku, Quantity: line.GetQuantity(), Index: i})
			continue
		}
		if merged[j].Quantity += line.GetQuantity(); merged[j].Quantity > maxQuantity {
			merged[j].Quantity = maxQuantity
			in.complain(quantityProblem(i, "The lines of one SKU have a quantity of at most %d together."))
		}
	}
	return merged
}

func (in *input) line(i int, line *orderingv1.LineInput) (string, bool) {
	before := len(in.problems)
	sku := strings.ToUpper(strings.TrimSpace(line.GetSku()))
	switch {
	case sku == "":
		in.complain(problem.At(problem.Required, "A line names a SKU.", "lines", strconv.Itoa(i), "sku"))
	case !skuForm.MatchString(sku):
		in.complain(problem.UnknownSKU(i, line.GetSku()))
	}
	if quantity := line.GetQuantity(); quantity < 1 || quantity > maxQuantity {
		in.complain(quantityProblem(i, "The quantity is from 1 to %d."))
	}
	return sku, len(in.problems) == before
}

func quantityProblem(i int, message string) problem.Problem {
	return problem.At(problem.OutOfRange, fmt.Sprintf(message, maxQuantity), "lines", strconv.Itoa(i), "quantity")
}

// promotions keeps the codes as many and in the order that they were given.
func (in *input) promotions(codes []string) []string {
	if len(codes) > maxPromotions {
		in.complain(problem.At(problem.OutOfRange, fmt.Sprintf("There are at most %d promotion codes.", maxPromotions), "promotionCodes"))
		return nil
	}
	kept := []string{}
	for i, code := range codes {
		code = strings.ToUpper(strings.TrimSpace(code))
		if !promotionForm.MatchString(code) {
			in.complain(problem.Promotion(i))
		}
		kept = append(kept, code)
	}
	return kept
}

func (in *input) address(a *orderingv1.Address) order.Address {
	if a == nil {
		in.complain(problem.At(problem.Required, "An order needs an address.", "shippingAddress"))
		return order.Address{}
	}
	in.country(a.CountryCode)
	return order.Address{
		Name:        in.text(a.Name, 200, "shippingAddress", "name"),
		Street:      in.text(a.Street, 200, "shippingAddress", "street"),
		City:        in.text(a.City, 100, "shippingAddress", "city"),
		PostalCode:  in.text(a.PostalCode, 20, "shippingAddress", "postalCode"),
		CountryCode: a.CountryCode,
	}
}

// text reads a line of text that must be there.
func (in *input) text(s string, most int, path ...string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		in.complain(problem.At(problem.Required, "A value is missing.", path...))
	}
	return in.optional(s, most, path...)
}

func (in *input) optional(s string, most int, path ...string) string {
	if utf8.RuneCountInString(s) > most {
		in.complain(problem.At(problem.OutOfRange, fmt.Sprintf("There are at most %d characters.", most), path...))
	}
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && !slices.Contains([]rune("\n\r\t"), r) }) {
		in.complain(problem.At(problem.Malformed, "There are characters that cannot be written.", path...))
	}
	return s
}

// token reads a payment token. Nothing else is ever repeated or kept, as it may be a card number.
func (in *input) token(token string) string {
	if !tokenForm.MatchString(token) {
		in.complain(problem.At(problem.InvalidPaymentMethod, "This is not a token of the payment provider.", "payment", "card", "token"))
	}
	return token
}

func (in *input) id(s string, path ...string) uuid.UUID {
	if s == "" {
		in.complain(problem.At(problem.Required, "A value is missing.", path...))
		return uuid.Nil
	}
	id, err := uuid.Parse(s)
	if err != nil || len(s) != len(uuid.Nil.String()) || id == uuid.Nil {
		in.complain(problem.At(problem.Malformed, "This is not a UUID.", path...))
	}
	return id
}

// customer reads whose order it is: the caller's own, or somebody else's for operators.
func (in *input) customer(caller serve.Caller, onBehalfOf string) order.CustomerID {
	switch {
	case onBehalfOf == "":
		return customerOf(caller.ID)
	case !caller.IsOperator():
		in.complain(problem.At(problem.Forbidden, "Only operators may do this for somebody else.", "onBehalfOf"))
		return order.CustomerID{}
	}
	return customerOf(in.id(onBehalfOf, "onBehalfOf"))
}

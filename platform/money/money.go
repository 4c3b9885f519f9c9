// Package money is an amount with its currency, in integers.
package money

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strings"

	"golang.org/x/text/currency"
)

// Money is an amount in the minor units of an ISO 4217 currency. The zero value is nothing of no currency, and adds to any.
type Money struct {
	Minor    int64  `json:"minorUnits"`
	Currency string `json:"currency"`
}

// The reasons for which an amount is refused.
var (
	ErrCurrency = errors.New("not an ISO 4217 currency")
	ErrAmount   = errors.New("not an amount of its currency")
	ErrOverflow = errors.New("amount too large")
	ErrMixed    = errors.New("two currencies")
)

// Decimals is the number of decimals of a currency, such as 2 for GBP and 0 for JPY.
func Decimals(code string) (int, error) {
	unit, err := currency.ParseISO(code)
	if err != nil || unit.String() != code {
		return 0, fmt.Errorf("%q: %w", code, ErrCurrency)
	}
	scale, _ := currency.Standard.Rounding(unit)
	return scale, nil
}

// Parse reads a plain decimal such as "4.25", "-4" or "0.5", with no more decimals than the currency has.
func Parse(amount, code string) (Money, error) {
	decimals, err := Decimals(code)
	if err != nil {
		return Money{}, err
	}
	digits, negative := strings.CutPrefix(amount, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if whole == "" || (point && fraction == "") || len(fraction) > decimals {
		return Money{}, fmt.Errorf("%q %s: %w", amount, code, ErrAmount)
	}
	var minor uint64
	for _, digit := range whole + fraction + strings.Repeat("0", decimals-len(fraction)) {
		if digit < '0' || digit > '9' {
			return Money{}, fmt.Errorf("%q %s: %w", amount, code, ErrAmount)
		}
		high, low := bits.Mul64(minor, 10)
		minor = low + uint64(digit-'0')
		if high != 0 || minor > math.MaxInt64 {
			return Money{}, fmt.Errorf("%q %s: %w", amount, code, ErrOverflow)
		}
	}
	if negative {
		return Money{-int64(minor), code}, nil
	}
	return Money{int64(minor), code}, nil
}

// Decimal writes the amount as Parse reads it, with all of its currency's decimals.
func (m Money) Decimal() string {
	decimals, err := Decimals(m.Currency)
	if err != nil {
		decimals = 0
	}
	minor := uint64(m.Minor)
	if m.Minor < 0 {
		minor = -minor
	}
	var text [32]byte // from behind: no amount has more digits than 20, and no currency more decimals than 4
	at := len(text)
	for digits := 0; digits <= decimals || minor > 0; digits++ {
		if digits == decimals && decimals > 0 {
			at--
			text[at] = '.'
		}
		at--
		text[at] = byte('0' + minor%10)
		minor /= 10
	}
	if m.Minor < 0 {
		at--
		text[at] = '-'
	}
	return string(text[at:])
}

// String is for people and logs: "4.25 GBP".
func (m Money) String() string { return m.Decimal() + " " + m.Currency }

// Add is the sum; ErrMixed for two currencies, ErrOverflow beyond 64 bits.
func (m Money) Add(n Money) (Money, error) {
	if m.Currency == "" {
		return n, nil
	}
	if n.Currency == "" {
		return m, nil
	}
	if m.Currency != n.Currency {
		return Money{}, fmt.Errorf("%s and %s: %w", m.Currency, n.Currency, ErrMixed)
	}
	sum := m.Minor + n.Minor
	if (sum > m.Minor) != (n.Minor > 0) && n.Minor != 0 {
		return Money{}, fmt.Errorf("%s + %s: %w", m, n, ErrOverflow)
	}
	return Money{sum, m.Currency}, nil
}

// Sub is the difference, as Add.
func (m Money) Sub(n Money) (Money, error) {
	return m.Add(Money{-n.Minor, n.Currency})
}

// Times is quantity times the amount; ErrOverflow beyond 64 bits.
func (m Money) Times(quantity int64) (Money, error) {
	product := m.Minor * quantity
	if quantity != 0 && (product/quantity != m.Minor || (m.Minor == math.MinInt64 && quantity == -1)) {
		return Money{}, fmt.Errorf("%d × %s: %w", quantity, m, ErrOverflow)
	}
	return Money{product, m.Currency}, nil
}

// Share is a part of a non-negative amount in hundredths of a per cent, rounded half up: 1000 is a tenth.
func (m Money) Share(basisPoints int64) Money {
	high, low := bits.Mul64(uint64(m.Minor), uint64(basisPoints))
	low, carry := bits.Add64(low, 5000, 0)
	quotient, _ := bits.Div64(high+carry, low, 10000)
	return Money{int64(quotient), m.Currency}
}

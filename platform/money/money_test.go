package money_test

import (
	"errors"
	"math"
	"testing"

	"quadrille.dev/platform/money"
)

func TestParseAndDecimal(t *testing.T) {
	for _, c := range []struct {
		amount, code string
		minor        int64
		written      string
	}{
		{"4.25", "GBP", 425, "4.25"},
		{"4", "GBP", 400, "4.00"},
		{"0.5", "GBP", 50, "0.50"},
		{"-0.05", "EUR", -5, "-0.05"},
		{"12", "JPY", 12, "12"},
		{"1.234", "BHD", 1234, "1.234"},
		{"92233720368547758.07", "GBP", math.MaxInt64, "92233720368547758.07"},
	} {
		m, err := money.Parse(c.amount, c.code)
		if err != nil || m.Minor != c.minor || m.Decimal() != c.written {
			t.Errorf("Parse(%q, %s) = %d %q, %v; want %d %q", c.amount, c.code, m.Minor, m.Decimal(), err, c.minor, c.written)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		amount, code string
		want         error
	}{
		{"", "GBP", money.ErrAmount},
		{".5", "GBP", money.ErrAmount},
		{"5.", "GBP", money.ErrAmount},
		{"1e3", "GBP", money.ErrAmount},
		{"4.255", "GBP", money.ErrAmount},
		{"1.5", "JPY", money.ErrAmount},
		{"--1", "GBP", money.ErrAmount},
		{"92233720368547758.08", "GBP", money.ErrOverflow},
		{"1", "gbp", money.ErrCurrency},
		{"1", "XYZ1", money.ErrCurrency},
	} {
		if _, err := money.Parse(c.amount, c.code); !errors.Is(err, c.want) {
			t.Errorf("Parse(%q, %s): %v, want %v", c.amount, c.code, err, c.want)
		}
	}
}

func TestArithmetic(t *testing.T) {
	pounds := func(minor int64) money.Money { return money.Money{Minor: minor, Currency: "GBP"} }
	if sum, err := pounds(1).Add(pounds(2)); err != nil || sum != pounds(3) {
		t.Errorf("1 + 2 = %v, %v", sum, err)
	}
	if sum, err := (money.Money{}).Add(pounds(2)); err != nil || sum != pounds(2) {
		t.Errorf("nothing + 2 = %v, %v", sum, err)
	}
	if _, err := pounds(math.MaxInt64).Add(pounds(1)); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("overflowing sum: %v", err)
	}
	if _, err := pounds(1).Add(money.Money{Minor: 1, Currency: "EUR"}); !errors.Is(err, money.ErrMixed) {
		t.Errorf("two currencies: %v", err)
	}
	if _, err := pounds(math.MaxInt64 / 2).Times(3); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("overflowing product: %v", err)
	}
	for _, c := range []struct{ minor, points, want int64 }{{425, 1000, 43}, {424, 1000, 42}, {100, 10000, 100}, {1, 4999, 0}, {1, 5000, 1}, {math.MaxInt64, 10000, math.MaxInt64}} {
		if got := pounds(c.minor).Share(c.points); got != pounds(c.want) {
			t.Errorf("%d basis points of %d = %v, want %d", c.points, c.minor, got, c.want)
		}
	}
}

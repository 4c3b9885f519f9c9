package stock_test

import (
	"errors"
	"math"
	"testing"

	"quadrille.dev/services/inventory/internal/stock"
)

func TestMovementsKeepTheInvariants(t *testing.T) {
	full := stock.Level{SKU: "TEAPOT", OnHand: 10, Reserved: 4, Deducted: 5, Received: 15}
	for _, c := range []struct {
		movement stock.Movement
		quantity int64
		want     stock.Level
		err      error
	}{
		{stock.Reserve, 6, stock.Level{SKU: "TEAPOT", OnHand: 10, Reserved: 10, Deducted: 5, Received: 15}, nil},
		{stock.Reserve, 7, stock.Level{}, stock.ErrInvariant},
		{stock.Deduct, 4, stock.Level{SKU: "TEAPOT", OnHand: 6, Reserved: 0, Deducted: 9, Received: 15}, nil},
		{stock.Deduct, 5, stock.Level{}, stock.ErrInvariant},
		{stock.Release, 4, stock.Level{SKU: "TEAPOT", OnHand: 10, Reserved: 0, Deducted: 5, Received: 15}, nil},
		{stock.Release, 5, stock.Level{}, stock.ErrInvariant},
		{stock.Reinstate, 5, stock.Level{SKU: "TEAPOT", OnHand: 15, Reserved: 4, Deducted: 0, Received: 15}, nil},
		{stock.Reinstate, 6, stock.Level{}, stock.ErrInvariant},
		{stock.Return, 5, stock.Level{SKU: "TEAPOT", OnHand: 15, Reserved: 4, Deducted: 0, Received: 15}, nil},
		{stock.Return, 6, stock.Level{}, stock.ErrInvariant},
		{stock.Withdraw, 6, stock.Level{SKU: "TEAPOT", OnHand: 4, Reserved: 4, Deducted: 11, Received: 15}, nil},
		{stock.Withdraw, 7, stock.Level{}, stock.ErrInvariant},
	} {
		got, err := full.Move(c.movement, c.quantity)
		if !errors.Is(err, c.err) || (c.err == nil && got != c.want) {
			t.Errorf("%s %d: %+v, %v; want %+v, %v", c.movement, c.quantity, got, err, c.want, c.err)
		}
	}
}

func TestReceive(t *testing.T) {
	level := stock.Level{SKU: "TEAPOT", OnHand: 1, Deducted: 2, Received: 3, Version: 1}
	received, err := level.Receive(5, "note 7")
	if want := (stock.Received{SKU: "TEAPOT", Quantity: 5, Reference: "note 7", OnHand: 6}); err != nil || received != want {
		t.Errorf("received %+v, %v; want %+v", received, err, want)
	}
	if want := (stock.Level{SKU: "TEAPOT", OnHand: 6, Deducted: 2, Received: 8, Version: 2}); level != want {
		t.Errorf("level %+v, want %+v", level, want)
	}
	if _, err := level.Receive(math.MaxInt32-5, "too much"); !errors.Is(err, stock.ErrFull) || level.OnHand != 6 {
		t.Errorf("more than can be counted: %v, level %+v", err, level)
	}
}

func TestParseSKU(t *testing.T) {
	for text, want := range map[string]string{
		"85123a": "85123A", "A.b-c_d": "A.B-C_D", "X": "X",
		"": "", "-A": "", "A B": "", "É": "", "A\n": "", "12345678901234567890123456789012345678901": "",
	} {
		if sku, err := stock.ParseSKU(text); sku != want || (err == nil) != (want != "") {
			t.Errorf("ParseSKU(%q) = %q, %v; want %q", text, sku, err, want)
		}
	}
}

func TestWhatIsPromisedAlreadyLeavesAsMuchToBePromised(t *testing.T) {
	for _, m := range []stock.Movement{stock.Reserve, stock.Deduct, stock.Release, stock.Reinstate, stock.Return, stock.Withdraw} {
		before := stock.Level{SKU: "CUP", OnHand: 5, Reserved: 2, Deducted: 1, Received: 6}
		after, err := before.Move(m, 1)
		if err != nil {
			t.Fatal(err)
		}
		if changed := before.OnHand-before.Reserved != after.OnHand-after.Reserved; m.Effect().Promises() != changed || changed == (m == stock.Deduct) {
			t.Errorf("after %s as much can be promised: %t", m, !changed)
		}
	}
}

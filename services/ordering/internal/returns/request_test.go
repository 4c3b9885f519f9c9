package returns_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// request begins the nth return of an order beside others.
func request(o order.Order, others []returns.Return, n int, lines ...returns.Line) (returns.Return, error) {
	blank := returns.Return{ID: returns.ID{UUID: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, n))}}
	events, err := blank.Begin(o, others, returns.Ask{Lines: lines}, pace)
	return blank.After(at, events...), err
}

// undone is a return that has not come about.
func undone(r returns.Return) returns.Return {
	return r.After(at, r.Answered(returns.Answer{Command: returns.ArrangePickup, Outcome: returns.Refused}, pace)...)
}

func TestTheRefundIsTheShareOfWhatWasPaid(t *testing.T) {
	for name, test := range map[string]struct {
		lines  []returns.Line
		refund int64
	}{
		"one of two":        {[]returns.Line{{SKU: "CUP", Quantity: 1}}, 412}, // 425 of 1750, of 1700, is 412.86
		"both":              {[]returns.Line{{SKU: "CUP", Quantity: 2}}, 825},
		"some of each":      {[]returns.Line{{SKU: "JUG", Quantity: 1}, {SKU: "CUP", Quantity: 1}}, 1287},
		"all of everything": {[]returns.Line{{SKU: "CUP", Quantity: 2}, {SKU: "JUG", Quantity: 1}}, 1700},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := request(bought(), nil, 1, test.lines...)
			if r.Refund != gbp(test.refund) || err != nil {
				t.Errorf("%s, %v", r.Refund, err)
			}
			if diff := cmp.Diff(test.lines, r.Lines); diff != "" || r.OrderNumber != "Q-00000001" || !r.Active() {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestAnOrderForNothingGivesNothingBack(t *testing.T) {
	gift := bought()
	gift.Lines[0].UnitPrice, gift.Lines[0].LineTotal, gift.Lines[1].UnitPrice, gift.Lines[1].LineTotal = gbp(0), gbp(0), gbp(0), gbp(0)
	gift.Discount, gift.Total = gbp(0), gbp(0)
	if r, err := request(gift, nil, 1, returns.Line{SKU: "JUG", Quantity: 1}); r.Refund != gbp(0) || err != nil {
		t.Errorf("%s, %v", r.Refund, err)
	}
}

func TestLargeAmountsAreSharedWithoutOverflow(t *testing.T) {
	o := bought()
	const much = int64(1) << 61
	o.Lines[0].UnitPrice, o.Lines[0].LineTotal = gbp(much/2), gbp(much)
	o.Lines[1].UnitPrice, o.Lines[1].LineTotal = gbp(much), gbp(much)
	o.Discount, o.Total = gbp(much), gbp(much)
	if r, err := request(o, nil, 1, returns.Line{SKU: "CUP", Quantity: 1}); r.Refund != gbp(much/4) || err != nil {
		t.Errorf("%s, %v", r.Refund, err)
	}
}

func TestNoMoreComesBackThanWasBought(t *testing.T) {
	first, err := request(bought(), nil, 1, returns.Line{SKU: "CUP", Quantity: 1})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		others []returns.Return
		lines  []returns.Line
		want   []returns.TooMany
	}{
		"more than was bought":               {nil, []returns.Line{{SKU: "CUP", Quantity: 3}}, []returns.TooMany{{SKU: "CUP", Bought: 2, Left: 2}}},
		"what was not bought":                {nil, []returns.Line{{SKU: "TEA", Quantity: 1}}, []returns.TooMany{{SKU: "TEA"}}},
		"more than is left":                  {[]returns.Return{first}, []returns.Line{{SKU: "CUP", Quantity: 2}}, []returns.TooMany{{SKU: "CUP", Bought: 2, Left: 1}}},
		"what is left":                       {[]returns.Return{first}, []returns.Line{{SKU: "CUP", Quantity: 1}}, nil},
		"what another return gave up on":     {[]returns.Return{undone(first)}, []returns.Line{{SKU: "CUP", Quantity: 2}}, nil},
		"more than that":                     {[]returns.Return{undone(first)}, []returns.Line{{SKU: "CUP", Quantity: 3}}, []returns.TooMany{{SKU: "CUP", Bought: 2, Left: 2}}},
		"one line that can, others that not": {nil, []returns.Line{{SKU: "CUP", Quantity: 9}, {SKU: "JUG", Quantity: 1}, {SKU: "TEA", Quantity: 1}}, []returns.TooMany{{SKU: "CUP", Bought: 2, Left: 2}, {SKU: "TEA"}}},
	} {
		t.Run(name, func(t *testing.T) {
			var tooMany *returns.TooManyError
			_, err := request(bought(), test.others, 2, test.lines...)
			if errors.As(err, &tooMany) != (test.want != nil) || err != nil && test.want == nil {
				t.Fatal(err)
			}
			if tooMany != nil {
				if diff := cmp.Diff(test.want, tooMany.Lines); diff != "" {
					t.Error("(-want +got):\n" + diff)
				}
			}
		})
	}
}

func TestOnlyFulfilledOrdersAreReturned(t *testing.T) {
	for _, status := range []order.Status{order.StatusPlaced, order.StatusCancelled} {
		o := bought()
		o.Status = status
		if _, err := request(o, nil, 1, returns.Line{SKU: "CUP", Quantity: 1}); !errors.Is(err, returns.ErrNotFulfilled) {
			t.Errorf("%s: %v", status, err)
		}
	}
}

func TestImpossibleRequestsAreRefused(t *testing.T) {
	begun, err := request(bought(), nil, 1, returns.Line{SKU: "CUP", Quantity: 1})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		r     returns.Return
		lines []returns.Line
	}{
		"a second time":     {begun, []returns.Line{{SKU: "CUP", Quantity: 1}}},
		"of nothing":        {returns.Return{}, nil},
		"of none of a SKU":  {returns.Return{}, []returns.Line{{SKU: "CUP", Quantity: 0}}},
		"of one SKU twice":  {returns.Return{}, []returns.Line{{SKU: "CUP", Quantity: 1}, {SKU: "CUP", Quantity: 1}}},
		"of less than none": {returns.Return{}, []returns.Line{{SKU: "JUG", Quantity: -1}}},
	} {
		if _, err := test.r.Begin(bought(), nil, returns.Ask{Lines: test.lines}, pace); !errors.Is(err, returns.ErrImpossible) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Over any returns of any order, some of which do not come about: what is given back never exceeds what was paid, no more comes back than
// was bought, and when everything has come back exactly what was paid is given back.
func TestRefundsAddUp(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		c := &counter{T: t, order: anyOrder(random), left: map[string]int32{}}
		for _, line := range c.order.Lines {
			c.left[line.SKU] = line.Quantity
		}
		for range random.IntN(12) {
			line := c.order.Lines[random.IntN(len(c.order.Lines))]
			switch left := c.left[line.SKU]; {
			case len(c.all) > 0 && random.IntN(2) == 0:
				c.giveUp(random.IntN(len(c.all)))
			case left > 0:
				c.takeBack(line.SKU, 1+random.Int32N(left))
			}
			if sum := c.refunded(); sum > c.order.Total.Minor {
				t.Fatalf("%d of %s are given back: %+v", sum, c.order.Total, c.order.Lines)
			}
		}
		for _, line := range c.order.Lines {
			if c.left[line.SKU] > 0 {
				c.takeBack(line.SKU, c.left[line.SKU])
			}
		}
		if sum := c.refunded(); sum != c.order.Total.Minor {
			t.Fatalf("%d of %s are given back for everything: %+v", sum, c.order.Total, c.order.Lines)
		}
	}
}

// counter is where the goods of an order are returned.
type counter struct {
	*testing.T
	order order.Order
	all   []returns.Return
	// left is what may still come back.
	left map[string]int32
}

func (c *counter) takeBack(sku string, quantity int32) {
	c.Helper()
	line := returns.Line{SKU: sku, Quantity: quantity}
	if _, err := request(c.order, c.all, len(c.all), returns.Line{SKU: sku, Quantity: c.left[sku] + 1}); err == nil {
		c.Fatalf("%d of %s come back, of %d that are left", c.left[sku]+1, sku, c.left[sku])
	}
	r, err := request(c.order, c.all, len(c.all), line)
	if err != nil || r.Refund.Minor < 0 {
		c.Fatalf("%v of %v: %s, %v", line, c.left, r.Refund, err)
	}
	c.all = append(c.all, r)
	c.left[sku] -= quantity
}

func (c *counter) giveUp(i int) {
	if !c.all[i].Active() {
		return
	}
	for _, line := range c.all[i].Lines {
		c.left[line.SKU] += line.Quantity
	}
	c.all[i] = undone(c.all[i])
}

func (c *counter) refunded() (sum int64) {
	for _, r := range c.all {
		if r.Active() {
			sum += r.Refund.Minor
		}
	}
	return sum
}

// anyOrder is a fulfilled order of up to four SKUs, with anything from nothing to all taken off.
func anyOrder(random *rand.Rand) order.Order {
	o := order.Order{Status: order.StatusFulfilled}
	var sum int64
	for i := range 1 + random.IntN(4) {
		quantity, price := 1+random.Int32N(4), random.Int64N(40)
		o.Lines = append(o.Lines, order.Line{
			SKU: string(rune('A' + i)), Quantity: quantity, UnitPrice: gbp(price), LineTotal: gbp(price * int64(quantity)),
		})
		sum += price * int64(quantity)
	}
	o.Discount = gbp(random.Int64N(sum + 1))
	o.Total = gbp(sum - o.Discount.Minor)
	return o
}

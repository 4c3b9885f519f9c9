package storetest

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/quote"
)

func requests(s suite) {
	key := uuid.MustParse("01940000-0000-7000-8000-0000000000cc")
	first := app.Request{Principal: "ada", Mutation: "placeOrder", Key: key, Input: [32]byte{1}}
	others := []app.Request{first, first, first}
	others[0].Principal, others[1].Mutation, others[2].Key = "bob", "cancelOrder", uuid.New()
	conflict := first
	conflict.Input = [32]byte{2}

	claim := func(request app.Request, id uuid.UUID, when time.Time) (answer uuid.UUID, answered bool, err error) {
		_, failure := s.do(func(store app.Store) error {
			answer, answered, err = store.Claim(s.Context(), request, id, when)
			return err
		})
		return answer, answered, failure
	}
	expect := func(request app.Request, n int, when time.Time, want uuid.UUID, wantAnswered bool) {
		s.Helper()
		if got, answered, err := claim(request, id(n).UUID, when); got != want || answered != wantAnswered || err != nil {
			s.Errorf("got %v, %t, %v, want %v, %t", got, answered, err, want, wantAnswered)
		}
	}
	expect(first, 1, at, uuid.Nil, false)
	expect(first, 2, at, id(1).UUID, true)
	for n, other := range others {
		expect(other, 10+n, at, uuid.Nil, false)
	}
	if _, _, err := claim(conflict, id(3).UUID, at); !errors.Is(err, app.ErrConflict) {
		s.Errorf("got %v, want ErrConflict", err)
	}
	for request, want := range map[app.Request]error{first: nil, conflict: app.ErrConflict} {
		s.must(func(store app.Store) error {
			answer, answered, known, err := store.AnsweredOrKnown(s.Context(), request, at, ada, []string{"CUP"})
			if answered != (want == nil) || answered && answer != id(1).UUID || !errors.Is(err, want) {
				s.Errorf("got %v, %t, %v", answer, answered, err)
			}
			if want == nil {
				s.equal(s.known("CUP"), known)
			}
			return nil
		})
	}
	expect(first, 4, at.Add(app.KeptFor-time.Second), id(1).UUID, true)
	expect(conflict, 5, at.Add(app.KeptFor), uuid.Nil, false)
	expect(conflict, 6, at.Add(app.KeptFor), id(5).UUID, true)
}

func (s suite) known(skus ...string) app.Known {
	s.Helper()
	var known app.Known
	s.must(func(store app.Store) (err error) {
		known, err = store.Known(s.Context(), ada, skus)
		return err
	})
	return known
}

func products(s suite) {
	keep := func(n int, sku string, retired bool) {
		product := app.Product{ID: id(n).UUID, SKU: sku, Retired: retired}
		s.must(func(store app.Store) error { return store.KeepProduct(s.Context(), product) })
	}
	keep(1, "CUP", false)
	keep(2, "JUG", true)
	keep(2, "JUG", false)
	keep(3, "POT", false)
	keep(3, "POT", true)
	keep(4, "POT", false)
	s.equal(map[string]bool{"CUP": true, "JUG": false, "POT": true}, s.known("CUP", "JUG", "POT", "TEA").OnSale)
	s.equal(map[string]bool{}, s.known().OnSale)
}

func prices(s suite) {
	price := func(sku string, minor, sequence int64) quote.Price {
		return quote.Price{
			SKU: sku, List: money.Money{Minor: minor, Currency: "GBP"},
			Discounts: map[quote.Tier]int64{quote.Standard: 0, quote.VIP: minor}, Sequence: sequence,
		}
	}
	for _, p := range []quote.Price{price("CUP", 100, 1), price("CUP", 300, 3), price("CUP", 200, 2), price("JUG", 900, 1)} {
		s.must(func(store app.Store) error { return store.KeepPrice(s.Context(), p) })
	}
	s.equal(map[string]quote.Price{"CUP": price("CUP", 300, 3)}, s.known("CUP", "TEA").Prices)
}

func tiers(s suite) {
	keep := func(tier quote.Tier, sequence int64) {
		s.must(func(store app.Store) error {
			return store.KeepTier(s.Context(), app.CustomerTier{Customer: ada, Tier: tier, Sequence: sequence})
		})
	}
	s.equal(quote.Standard, s.known().Tier)
	keep(quote.VIP, 2)
	keep(quote.Premium, 1)
	s.equal(quote.VIP, s.known().Tier)
	keep(quote.Premium, 3)
	s.equal(quote.Premium, s.known().Tier)
}

func pricing(s suite) {
	s.equal(time.Unix(0, 0).UTC(), s.known().PricingHeard)
	for _, heard := range []struct{ said, want time.Duration }{{time.Minute, time.Minute}, {0, time.Minute}, {time.Hour, time.Hour}} {
		s.must(func(store app.Store) error { return store.HeardPricing(s.Context(), at.Add(heard.said)) })
		s.equal(at.Add(heard.want), s.known().PricingHeard)
	}
}

func erased(s suite) {
	s.must(place(1, ada, at))
	s.must(happen(1, at, order.Order.StockReleased))
	s.must(place(2, bob, at))
	before, others := s.order(1), s.order(2)
	s.must(func(store app.Store) error {
		return store.KeepTier(s.Context(), app.CustomerTier{Customer: ada, Tier: quote.VIP, Sequence: 1})
	})
	for range 2 {
		s.must(func(store app.Store) error { return store.Erase(s.Context(), ada) })
	}
	before.ShippingAddress, before.PaymentToken = order.Address{CountryCode: "GB"}, ""
	s.equal(before, s.order(1))
	s.equal(others, s.order(2))
	s.must(func(store app.Store) error {
		erased, err := store.Erased(s.Context(), ada)
		other, otherErr := store.Erased(s.Context(), bob)
		if !erased || other {
			s.Errorf("erased: %t, somebody else: %t", erased, other)
		}
		return errors.Join(err, otherErr)
	})
	if known := s.known(); !known.Erased || known.Tier != quote.VIP {
		s.Errorf("known of an erased customer: %+v", known)
	}
	s.must(happen(1, at, order.Order.StockDeducted))
}

func numbers(s suite) {
	var drawn [3]string
	draw := func(store app.Store, i int) (err error) {
		drawn[i], err = store.Number(s.Context())
		return err
	}
	s.must(func(store app.Store) error { return errors.Join(draw(store, 0), draw(store, 1)) })
	s.must(func(store app.Store) error { return draw(store, 2) })
	s.equal([3]string{"Q-00000001", "Q-00000002", "Q-00000003"}, drawn)
}

package customer_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/services/customers/internal/customer"
)

var (
	id      = customer.ID(uuid.MustParse("01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11"))
	profile = customer.Profile{Email: "mary@quadrille.test", Name: "Mary", Phone: "123"}
	address = customer.Address{ID: uuid.MustParse("01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c12"), City: "Jedburgh"}
)

func mary() customer.Customer {
	return customer.Customer{}.Apply(customer.Register(id, profile, customer.Standard, customer.Buyer)...)
}

func TestRegister(t *testing.T) {
	want := customer.Customer{
		ID: id, Profile: profile, Tier: customer.Standard, Roles: []customer.Role{customer.Buyer}, Version: 3,
	}
	if diff := cmp.Diff(want, mary()); diff != "" {
		t.Error(diff)
	}
}

func TestDecisions(t *testing.T) {
	withAddress := mary().Apply(customer.AddressAdded{Address: address})
	add := func(c customer.Customer) []customer.Event {
		events, err := c.AddAddress(address)
		if err != nil {
			t.Fatal(err)
		}
		return events
	}
	updated := func(changes ...customer.Change) []customer.Event {
		return []customer.Event{customer.Updated{Changes: changes}}
	}
	for name, c := range map[string]struct{ got, want []customer.Event }{
		"nothing":          {mary().UpdateProfile(nil, nil), nil},
		"the same":         {mary().UpdateProfile(new("Mary"), new("123")), nil},
		"name":             {mary().UpdateProfile(new("M."), nil), updated(customer.Change{Field: customer.Name, Old: "Mary", New: "M."})},
		"no phone":         {mary().UpdateProfile(nil, new("")), updated(customer.Change{Field: customer.Phone, Old: "123", New: ""})},
		"the same tier":    {mary().SetTier(customer.Standard), nil},
		"another tier":     {mary().SetTier(customer.VIP), updated(customer.Change{Field: customer.TierField, Old: "STANDARD", New: "VIP"})},
		"an address":       {add(mary()), []customer.Event{customer.AddressAdded{Address: address}}},
		"the same address": {add(withAddress), nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestApply(t *testing.T) {
	before := mary()
	after := before.Apply(
		customer.Updated{Changes: []customer.Change{
			{Field: customer.Name, Old: "Mary", New: "M."}, {Field: customer.Phone, Old: "123"}, {Field: customer.TierField, New: "VIP"},
		}},
		customer.AddressAdded{Address: address})
	want := customer.Customer{
		ID: id, Profile: customer.Profile{Email: profile.Email, Name: "M."}, Tier: customer.VIP,
		Roles: []customer.Role{customer.Buyer}, Addresses: []customer.Address{address}, Version: 5,
	}
	if diff := cmp.Diff(want, after); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(mary(), before); diff != "" {
		t.Error("the state before has changed: " + diff)
	}
}

func TestAddressesAreBounded(t *testing.T) {
	c := mary()
	for range customer.MaxAddresses {
		events, err := c.AddAddress(customer.Address{ID: uuid.New()})
		if err != nil {
			t.Fatal(err)
		}
		c = c.Apply(events...)
	}
	if _, err := c.AddAddress(customer.Address{ID: uuid.New()}); !errors.Is(err, customer.ErrTooMany) {
		t.Errorf("got %v", err)
	}
}

func TestEraseLeavesWhatIsNotPersonal(t *testing.T) {
	before := mary().Apply(customer.AddressAdded{Address: address})
	events, err := before.Erase("On request.")
	if err != nil {
		t.Fatal(err)
	}
	erased := before.Apply(events...)
	want := customer.Customer{ID: id, Tier: customer.Standard, Roles: []customer.Role{customer.Buyer}, Erased: true, Version: 5}
	if diff := cmp.Diff(want, erased); diff != "" {
		t.Error(diff)
	}
	if events, err := erased.Erase("On request."); err != nil || len(events) > 0 {
		t.Errorf("erased again: %v, %v", events, err)
	}
	for _, reason := range []string{"for mary", "asked by MARY@quadrille.test", "called from 123"} {
		if _, err := before.Erase(reason); !errors.Is(err, customer.ErrTelling) {
			t.Errorf("%q: %v", reason, err)
		}
	}
	operator := customer.Customer{}.Apply(customer.Register(id, profile, customer.Standard, customer.Operator)...)
	if _, err := operator.Erase("On request."); !errors.Is(err, customer.ErrOperator) {
		t.Errorf("an operator: %v", err)
	}
}

func TestEmailKey(t *testing.T) {
	if customer.EmailKey(" Mary@Quadrille.TEST") != customer.EmailKey("mary@quadrille.test") {
		t.Error("one address has two keys")
	}
}

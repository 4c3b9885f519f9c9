package customer

import (
	"fmt"
	"slices"
)

// Event is something that happened to a customer.
type Event interface{ event() }

// Registered is the first event of every customer.
type Registered struct {
	Customer ID
	Profile
	Tier  Tier
	Roles []Role
}

// Introduced tells name and e-mail address to those who keep a copy and know no more of a profile yet.
type Introduced struct{ Name, Email string }

// Profiled tells the whole profile to those who keep a copy.
type Profiled struct {
	Profile
	Tier Tier
}

// Updated is a change of profile or tier.
type Updated struct{ Changes []Change }

// AddressAdded is a new address.
type AddressAdded struct{ Address Address }

// Erased is the last event of a customer who wants to be forgotten.
type Erased struct{}

// Field is a part of the state that can change.
type Field string

// The fields that change.
const (
	Name      Field = "name"
	Phone     Field = "phone"
	TierField Field = "tier"
)

// Change is one field's old and new value; empty for none.
type Change struct {
	Field    Field
	Old, New string
}

func (Registered) event()   {}
func (Introduced) event()   {}
func (Profiled) event()     {}
func (Updated) event()      {}
func (AddressAdded) event() {}
func (Erased) event()       {}

// Apply is the state after events.
func (c Customer) Apply(events ...Event) Customer {
	for _, e := range events {
		c.Version++
		switch e := e.(type) {
		case Registered:
			c.ID, c.Profile, c.Tier, c.Roles = e.Customer, e.Profile, e.Tier, e.Roles
		case Introduced, Profiled:
			// They repeat what is known.
		case Updated:
			for _, change := range e.Changes {
				c.change(change)
			}
		case AddressAdded:
			c.Addresses = append(slices.Clone(c.Addresses), e.Address)
		case Erased:
			c.Profile, c.Addresses, c.Erased = Profile{}, nil, true
		default:
			panic(fmt.Sprintf("customer: event %T", e))
		}
	}
	return c
}

func (c *Customer) change(change Change) {
	switch change.Field {
	case Name:
		c.Name = change.New
	case Phone:
		c.Phone = change.New
	case TierField:
		c.Tier = Tier(change.New)
	default:
		panic("customer: field " + string(change.Field))
	}
}

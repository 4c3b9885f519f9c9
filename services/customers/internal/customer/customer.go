// Package customer is the model of somebody who buys: a profile, a tier, and the addresses that they keep.
package customer

import (
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// ID names a customer.
type ID uuid.UUID

// String is the id's usual form.
func (id ID) String() string { return uuid.UUID(id).String() }

// Tier is how much a customer buys, on which prices depend.
type Tier string

// The tiers.
const (
	Standard Tier = "STANDARD"
	Premium  Tier = "PREMIUM"
	VIP      Tier = "VIP"
)

// Role is what somebody may do.
type Role string

// The roles. Nobody can register as an operator.
const (
	Buyer    Role = "CUSTOMER"
	Operator Role = "OPERATOR"
)

// Profile is who the customer is. A customer without telephone has an empty Phone.
type Profile struct {
	Email, Name, Phone string
}

// Customer is a customer's state. Version counts the events that made it.
type Customer struct {
	ID ID
	Profile
	Tier      Tier
	Roles     []Role
	Addresses []Address
	// Erased customers have neither profile nor addresses, for ever.
	Erased  bool
	Version int64
}

// The reasons for which a customer is not erased.
var (
	// ErrOperator keeps those whom the audit log names.
	ErrOperator = errors.New("an operator is not erased")
	// ErrTelling refuses a reason that would outlive the name in it.
	ErrTelling = errors.New("the reason tells who the customer is")
)

// Register makes a customer.
func Register(id ID, profile Profile, tier Tier, roles ...Role) []Event {
	return []Event{
		Registered{Customer: id, Profile: profile, Tier: tier, Roles: roles},
		Introduced{Name: profile.Name, Email: profile.Email},
		Profiled{Profile: profile, Tier: tier},
	}
}

// UpdateProfile changes what is not nil.
func (c Customer) UpdateProfile(name, phone *string) []Event {
	var changes []Change
	if name != nil && *name != c.Name {
		changes = append(changes, Change{Name, c.Name, *name})
	}
	if phone != nil && *phone != c.Phone {
		changes = append(changes, Change{Phone, c.Phone, *phone})
	}
	return updated(changes...)
}

// SetTier changes the tier.
func (c Customer) SetTier(tier Tier) []Event {
	if tier == c.Tier {
		return nil
	}
	return updated(Change{TierField, string(c.Tier), string(tier)})
}

// AddAddress adds an address that the customer keeps, or answers ErrTooMany. One that is already there, by its id, is not
// added again.
func (c Customer) AddAddress(address Address) ([]Event, error) {
	switch {
	case slices.ContainsFunc(c.Addresses, func(a Address) bool { return a.ID == address.ID }):
		return nil, nil
	case len(c.Addresses) >= MaxAddresses:
		return nil, ErrTooMany
	default:
		return []Event{AddressAdded{Address: address}}, nil
	}
}

// Erase forgets the customer, or answers ErrOperator or ErrTelling. An erased customer stays so.
func (c Customer) Erase(reason string) ([]Event, error) {
	switch {
	case c.Erased:
		return nil, nil
	case slices.Contains(c.Roles, Operator):
		return nil, ErrOperator
	case c.toldBy(reason):
		return nil, ErrTelling
	default:
		return []Event{Erased{}}, nil
	}
}

// toldBy tells whether a text gives away who the customer is.
func (c Customer) toldBy(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc([]string{c.Email, c.Name, c.Phone}, func(own string) bool {
		return own != "" && strings.Contains(text, strings.ToLower(own))
	})
}

func updated(changes ...Change) []Event {
	if len(changes) == 0 {
		return nil
	}
	return []Event{Updated{Changes: changes}}
}

// Package acl translates between customers' words and those of the neighbours, who hear of customers by published facts.
package acl

import (
	"fmt"
	"strings"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/customers/internal/customer"
)

// Facts lists what is published.
func Facts() []string {
	return []string{customerRegistered, customerProfiled, customerUpdated, customerErased}
}

const (
	customerRegistered = "customers.customer.registered"
	customerProfiled   = "customers.customer.profiled"
	customerUpdated    = "customers.customer.updated"
	customerErased     = "customers.customer.erased"
)

// Published is the fact by which neighbours hear of an event. Sequence is the customer's version after it.
func Published(id customer.ID, sequence int64, e customer.Event, at time.Time) event.Fact {
	fact := event.Fact{Subject: id.String(), Sequence: sequence, At: at, Version: 1}
	switch e := e.(type) {
	case customer.Registered:
		// A notification: who wants to know more asks.
		fact.Name, fact.Data = customerRegistered, notification{id.String()}
	case customer.Introduced:
		fact.Name, fact.Data = customerProfiled, profiledV1{id.String(), e.Name, e.Email}
	case customer.Profiled:
		fact.Name, fact.Version = customerProfiled, 2
		fact.Data = profiledV2{id.String(), e.Name, e.Email, optional(e.Phone), string(e.Tier)}
	case customer.Updated:
		fact.Name, fact.Data = customerUpdated, updated{id.String(), changes(e.Changes)}
	case customer.AddressAdded:
		fact.Name = customerUpdated
		fact.Data = updated{id.String(), []change{{"address", nil, new(oneLine(e.Address))}}}
	case customer.Erased:
		fact.Name, fact.Data = customerErased, notification{id.String()}
	default:
		panic(fmt.Sprintf("publish %T", e))
	}
	return fact
}

type notification struct {
	CustomerID string `json:"customerId"`
}

// profiledV1 is still published, for those who do not read profiledV2 yet.
type profiledV1 struct {
	CustomerID string `json:"customerId"`
	Name       string `json:"name"`
	Email      string `json:"email"`
}

type profiledV2 struct {
	CustomerID string  `json:"customerId"`
	Name       string  `json:"name"`
	Email      string  `json:"email"`
	Phone      *string `json:"phone,omitempty"`
	Tier       string  `json:"tier"`
}

type updated struct {
	CustomerID string   `json:"customerId"`
	Changes    []change `json:"changes"`
}

type change struct {
	Field string  `json:"field"`
	Old   *string `json:"old"`
	New   *string `json:"new"`
}

func changes(all []customer.Change) []change {
	published := make([]change, len(all))
	for i, c := range all {
		published[i] = change{string(c.Field), optional(c.Old), optional(c.New)}
	}
	return published
}

func oneLine(a customer.Address) string {
	return strings.Join([]string{a.Name, a.Street, a.City, a.PostalCode, a.CountryCode}, ", ")
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

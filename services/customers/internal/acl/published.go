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
func Facts() []string { return []string{customerRegistered, customerProfiled, customerUpdated} }

const (
	customerRegistered = "customers.customer.registered"
	customerProfiled   = "customers.customer.profiled"
	customerUpdated    = "customers.customer.updated"
)

// Published is the fact by which neighbours hear of an event. Sequence is the customer's version after it.
func Published(id customer.ID, sequence int64, e customer.Event, at time.Time) event.Fact {
	fact := event.Fact{Subject: id.String(), Sequence: sequence, At: at, Version: 1}
	switch e := e.(type) {
	case customer.Registered:
		// A notification: who wants to know more asks.
		fact.Name, fact.Data = customerRegistered, registered{id.String()}
	case customer.Profiled:
		fact.Name, fact.Version = customerProfiled, 2
		fact.Data = profiled{id.String(), e.Name, e.Email, optional(e.Phone), string(e.Tier)}
	case customer.Updated:
		fact.Name, fact.Data = customerUpdated, updated{id.String(), changes(e.Changes)}
	case customer.AddressAdded:
		fact.Name = customerUpdated
		fact.Data = updated{id.String(), []change{{"address", nil, new(oneLine(e.Address))}}}
	default:
		panic(fmt.Sprintf("publish %T", e))
	}
	return fact
}

type registered struct {
	CustomerID string `json:"customerId"`
}

type profiled struct {
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

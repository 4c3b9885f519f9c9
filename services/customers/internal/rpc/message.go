package rpc

import (
	"strings"

	customersv1 "quadrille.dev/schema/rpc/customers/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
	"quadrille.dev/services/customers/internal/customer"
)

var tiers = map[customersv1.Tier]customer.Tier{
	customersv1.Tier_TIER_STANDARD: customer.Standard,
	customersv1.Tier_TIER_PREMIUM:  customer.Premium,
	customersv1.Tier_TIER_VIP:      customer.VIP,
}

func tierMessage(tier customer.Tier) customersv1.Tier {
	for message, known := range tiers {
		if known == tier {
			return message
		}
	}
	return customersv1.Tier_TIER_UNSPECIFIED
}

func message(c customer.Customer) *customersv1.Customer {
	m := &customersv1.Customer{Id: c.ID.String(), Email: c.Email, Name: c.Name, Tier: tierMessage(c.Tier)}
	if c.Phone != "" {
		m.Phone = new(c.Phone)
	}
	for _, role := range c.Roles {
		m.Roles = append(m.Roles, string(role))
	}
	for _, address := range c.Addresses {
		m.Addresses = append(m.Addresses, addressMessage(address))
	}
	return m
}

func addressMessage(a customer.Address) *customersv1.Address {
	return &customersv1.Address{
		Id: a.ID.String(), Name: a.Name, Street: a.Street, City: a.City, PostalCode: a.PostalCode, CountryCode: a.CountryCode,
	}
}

// readAddress reads an address that has no id yet.
func readAddress(m *customersv1.Address) customer.Address {
	return customer.Address{
		Name:        strings.TrimSpace(m.GetName()),
		Street:      strings.TrimSpace(m.GetStreet()),
		City:        strings.TrimSpace(m.GetCity()),
		PostalCode:  strings.TrimSpace(m.GetPostalCode()),
		CountryCode: m.GetCountryCode(),
	}
}

// keyed tells which key an IDEMPOTENCY_CONFLICT is about.
func keyed(errs []*problemv1.UserError, key string) []*problemv1.UserError {
	for _, e := range errs {
		if e.Code == string(customer.KeyConflict) {
			e.Details = map[string]string{"idempotencyKey": key}
		}
	}
	return errs
}

func messages(problems []customer.Problem) []*problemv1.UserError {
	errs := make([]*problemv1.UserError, len(problems))
	for i, p := range problems {
		errs[i] = &problemv1.UserError{Code: string(p.Code), Message: p.Message, Path: p.Path}
	}
	return errs
}

package rpc

import (
	"fmt"

	catalogv1 "quadrille.dev/schema/rpc/catalog/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
	"quadrille.dev/services/catalog/internal/product"
)

func message(p product.Product) *catalogv1.Product {
	m := &catalogv1.Product{
		Id: p.ID.String(), Sku: p.SKU, Name: p.Name, Description: p.Description, Category: p.Category, Retired: p.Retired,
	}
	if p.ImageURL != "" {
		m.ImageUrl = &p.ImageURL
	}
	return m
}

// faultyError ends an update that would leave these faults.
type faultyError []product.Fault

func (e faultyError) Error() string { return fmt.Sprintf("%d faults", len(e)) }

// revise takes over the fields that are set.
func revise(details product.Details, request *catalogv1.UpdateProductRequest) (product.Details, error) {
	for _, field := range []struct {
		set   *string
		value *string
	}{
		{request.Name, &details.Name},
		{request.Description, &details.Description},
		{request.Category, &details.Category},
		{request.ImageUrl, &details.ImageURL},
	} {
		if field.set != nil {
			*field.value = *field.set
		}
	}
	revised, faults := details.Tidy()
	if len(faults) > 0 {
		return product.Details{}, faultyError(faults)
	}
	return revised, nil
}

func refuse(faults []product.Fault) []*problemv1.UserError {
	codes := map[product.Reason]string{
		product.Missing: "REQUIRED", product.TooLong: "OUT_OF_RANGE", product.Malformed: "MALFORMED",
	}
	refused := make([]*problemv1.UserError, len(faults))
	for i, fault := range faults {
		refused[i] = &problemv1.UserError{Code: codes[fault.Reason], Message: fault.Message, Path: []string{string(fault.Field)}}
	}
	return refused
}

func notFound() []*problemv1.UserError {
	return []*problemv1.UserError{{Code: "NOT_FOUND", Message: "There is no such product.", Path: []string{"id"}}}
}

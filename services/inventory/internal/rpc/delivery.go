package rpc

import (
	"strings"
	"unicode"
	"unicode/utf8"

	inventoryv1 "quadrille.dev/schema/rpc/inventory/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
	"quadrille.dev/services/inventory/internal/app"
	"quadrille.dev/services/inventory/internal/stock"
)

// The limits of a delivery.
const (
	mostQuantity     = 1_000_000
	longestReference = 100
)

// readDelivery reads what an operator books in, or everything that is wrong with it.
func readDelivery(request *inventoryv1.ReceiveStockRequest) (app.Delivery, []*problemv1.UserError) {
	var wrong []*problemv1.UserError
	sku, err := stock.ParseSKU(strings.TrimSpace(request.Sku))
	switch {
	case strings.TrimSpace(request.Sku) == "":
		wrong = append(wrong, refuse("REQUIRED", "The SKU is missing.", "sku")...)
	case err != nil:
		wrong = append(wrong, refuse("MALFORMED",
			"A SKU has 1 to 40 letters, digits, dashes, dots and underscores, and starts with a letter or digit.", "sku")...)
	}
	if request.Quantity < 1 || request.Quantity > mostQuantity {
		wrong = append(wrong, refuse("OUT_OF_RANGE", "The quantity must be 1 to 1,000,000.", "quantity")...)
	}
	reference := strings.TrimSpace(request.Reference)
	switch {
	case reference == "":
		wrong = append(wrong, refuse("REQUIRED", "The reference is missing.", "reference")...)
	case utf8.RuneCountInString(reference) > longestReference:
		wrong = append(wrong, refuse("OUT_OF_RANGE", "The reference must have 1 to 100 characters.", "reference")...)
	case strings.ContainsFunc(reference, unicode.IsControl):
		wrong = append(wrong, refuse("MALFORMED", "The reference must be plain text.", "reference")...)
	}
	return app.Delivery{SKU: sku, Quantity: request.Quantity, Reference: reference}, wrong
}

func refuse(code, message string, path ...string) []*problemv1.UserError {
	return []*problemv1.UserError{{Code: code, Message: message, Path: path}}
}

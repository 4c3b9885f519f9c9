// Package problem is what callers are told that they did wrong.
package problem

import (
	"fmt"
	"strconv"
)

// Code is the reason, for programs. The API publishes the list.
type Code string

// The reasons that ordering has.
const (
	Required             Code = "REQUIRED"
	OutOfRange           Code = "OUT_OF_RANGE"
	Malformed            Code = "MALFORMED"
	Forbidden            Code = "FORBIDDEN"
	NotFound             Code = "NOT_FOUND"
	UnknownProduct       Code = "UNKNOWN_PRODUCT"
	UnpricedProduct      Code = "UNPRICED_PRODUCT"
	UnknownPromotion     Code = "UNKNOWN_PROMOTION"
	PriceUnavailable     Code = "PRICE_UNAVAILABLE"
	OutOfStock           Code = "OUT_OF_STOCK"
	IdempotencyConflict  Code = "IDEMPOTENCY_CONFLICT"
	AlreadyFulfilled     Code = "ALREADY_FULFILLED"
	NotFulfilled         Code = "NOT_FULFILLED"
	ExceedsPurchase      Code = "RETURN_EXCEEDS_PURCHASE"
	NotStalled           Code = "NOT_STALLED"
	InvalidPaymentMethod Code = "INVALID_PAYMENT_METHOD"
)

// Problem is one thing that is wrong with an input. Because of it nothing was stored.
type Problem struct {
	Code Code
	// Message is one English sentence. It never repeats a payment token.
	Message string
	// Path leads to what is wrong, by names and indices as the client spells them.
	Path []string
	// Details is what a program needs beside the code.
	Details map[string]string
}

// At is a problem at a place of the input.
func At(code Code, message string, path ...string) Problem {
	return Problem{Code: code, Message: message, Path: path}
}

// UnknownSKU is a line that names no product on sale.
func UnknownSKU(line int, sku string) Problem {
	p := At(UnknownProduct, "There is no such product.", "lines", strconv.Itoa(line), "sku")
	p.Details = map[string]string{"sku": sku}
	return p
}

// Unpriced is a line whose product has no price.
func Unpriced(line int) Problem {
	return At(UnpricedProduct, "The product has no price.", "lines", strconv.Itoa(line), "sku")
}

// OtherCurrency is a line whose product is not priced in the currency of the lines before it.
func OtherCurrency(line int) Problem {
	return At(Malformed, "One order has one currency, and this product is priced in another.", "lines", strconv.Itoa(line), "sku")
}

// Promotion is a promotion code that is not valid now.
func Promotion(index int) Problem {
	return At(UnknownPromotion, "There is no such promotion now.", "promotionCodes", strconv.Itoa(index))
}

// Short is a line of which there is too little in stock.
func Short(line int, sku string, available int64) Problem {
	p := At(OutOfStock, fmt.Sprintf("Only %d are available.", available), "lines", strconv.Itoa(line), "quantity")
	p.Details = map[string]string{"sku": sku, "available": strconv.FormatInt(available, 10)}
	return p
}

// NoPrice tells that no price can be had at present.
func NoPrice() Problem {
	return At(PriceUnavailable, "No price can be had at present. Try again later.", "lines")
}

// NotInOrder is a line that names no SKU of the order.
func NotInOrder(line int, sku string) Problem {
	p := At(UnknownProduct, "The order has no such product.", "lines", strconv.Itoa(line), "sku")
	p.Details = map[string]string{"sku": sku}
	return p
}

// Exceeds is a line of which more is to come back than was bought, less what has come back.
func Exceeds(line int, sku string, left int32) Problem {
	p := At(ExceedsPurchase, fmt.Sprintf("Only %d can still be returned.", left), "lines", strconv.Itoa(line), "quantity")
	p.Details = map[string]string{"sku": sku, "returnable": strconv.Itoa(int(left))}
	return p
}

// Conflict is an idempotency key that was used with another input.
func Conflict(key string) Problem {
	p := At(IdempotencyConflict, "The idempotency key was used with another input.", "idempotencyKey")
	p.Details = map[string]string{"idempotencyKey": key}
	return p
}

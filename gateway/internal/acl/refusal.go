package acl

import (
	"errors"
	"fmt"
	"strconv"

	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/model"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"

	"quadrille.dev/platform/money"
)

// refusals are what a context says the caller did wrong. A code that the client's API does not publish is the context's
// mistake, not the caller's.
func refusals(of string, problems []*problemv1.UserError) ([]model.UserError, error) {
	refused := make([]model.UserError, len(problems))
	for i, problem := range problems {
		code := model.UserErrorCode(problem.GetCode())
		if !code.IsValid() {
			return nil, fmt.Errorf("read answer of %s: unknown user error %q", of, problem.GetCode())
		}
		refused[i] = refusal(code, problem)
	}
	return refused, nil
}

func refusal(code model.UserErrorCode, problem *problemv1.UserError) model.UserError {
	message, path, details := problem.GetMessage(), problem.GetPath(), problem.GetDetails()
	if path == nil {
		path = []string{}
	}
	switch code {
	case model.UserErrorCodeUnknownProduct:
		return model.UnknownProductError{Code: code, Message: message, Path: path, SKU: details["sku"]}
	case model.UserErrorCodeOutOfStock:
		available, _ := strconv.ParseInt(details["available"], 10, 64)
		return model.OutOfStockError{Code: code, Message: message, Path: path, SKU: details["sku"], Available: clamp(available)}
	case model.UserErrorCodeReturnExceedsPurchase:
		left, _ := strconv.ParseInt(details["returnable"], 10, 64)
		return model.ReturnExceedsPurchaseError{Code: code, Message: message, Path: path, SKU: details["sku"], Returnable: clamp(left)}
	case model.UserErrorCodeIdempotencyConflict:
		return model.IdempotencyConflictError{Code: code, Message: message, Path: path, IdempotencyKey: details["idempotencyKey"]}
	default:
		return model.InvalidInputError{Code: code, Message: message, Path: path}
	}
}

// refuse is what the gateway itself finds wrong with an input, before any context is asked.
func refuse(code model.UserErrorCode, message string, path ...string) []model.UserError {
	return []model.UserError{model.InvalidInputError{Code: code, Message: message, Path: path}}
}

// key reads an id in an input; what is wrong with it is said of path.
func key(kind, id string, path ...string) (string, []model.UserError) {
	found, err := model.Key(kind, id)
	if bad, ok := errors.AsType[*fault.Error](err); ok {
		return "", refuse(model.UserErrorCodeMalformed, bad.Message, path...)
	}
	return found, nil
}

// sum reads an amount of money in an input.
func sum(input *model.MoneyInput, path string) (money.Money, []model.UserError) {
	parsed, err := money.Parse(input.Amount, input.CurrencyCode)
	switch {
	case errors.Is(err, money.ErrCurrency):
		return parsed, refuse(model.UserErrorCodeMalformed, "This is not an ISO 4217 currency code.", path, "currencyCode")
	case errors.Is(err, money.ErrOverflow):
		return parsed, refuse(model.UserErrorCodeOutOfRange, "This amount is too large.", path, "amount")
	case err != nil:
		return parsed, refuse(model.UserErrorCodeMalformed,
			"This is not a decimal number with at most as many decimals as the currency has.", path, "amount")
	}
	return parsed, nil
}

// Package acl is the anti-corruption layer: the only package that knows the words of the contexts, as their RPC speaks them, and
// those of the client's API. There is one client per context.
package acl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/gateway/internal/viewer"
	moneyv1 "quadrille.dev/schema/rpc/money/v1"
	pagev1 "quadrille.dev/schema/rpc/page/v1"

	"quadrille.dev/platform/resilience"
)

// atOnce is how many ids or SKUs a context answers in one call.
const atOnce = 1000

// failure tells in our words how a call to a context failed; nil if it did not.
func failure(ctx context.Context, of string, err error) error {
	if err == nil {
		return nil
	}
	_, known := viewer.From(ctx)
	switch code := connect.CodeOf(err); {
	case code == connect.CodeUnavailable, code == connect.CodeDeadlineExceeded:
		if silent, ok := resilience.Silent(err); ok {
			of = silent // the context called, or one that it needs
		}
		return fault.Unavailable(of, err)
	case code == connect.CodePermissionDenied:
		return fault.Denied("This belongs to another customer, or is for operators.")
	case code == connect.CodeInvalidArgument:
		return fault.BadInput("The %s context refused the arguments: %s.", of, said(err))
	case code == connect.CodeUnauthenticated && known:
		return fault.NotSignedIn()
	default:
		return fmt.Errorf("call %s: %w", of, err)
	}
}

func said(err error) string {
	if answer, ok := errors.AsType[*connect.Error](err); ok {
		return answer.Message()
	}
	return "no reason given"
}

// inParts asks for keys in as many calls as it takes; one, nearly always.
func inParts[T any](keys []string, most int, ask func(part []string) ([]T, error)) ([]T, error) {
	var all []T
	err := eachPart(keys, most, func(part []string) error {
		answered, err := ask(part)
		if all == nil {
			all = answered
		} else {
			all = append(all, answered...)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// eachPart asks for keys in as many calls as it takes; one, nearly always.
func eachPart(keys []string, most int, ask func(part []string) error) error {
	for part := range slices.Chunk(keys, most) {
		if err := ask(part); err != nil {
			return err
		}
	}
	return nil
}

// Page asks for the rows after a cursor.
type Page struct {
	First int32
	After string
}

func (p Page) request() *pagev1.PageRequest {
	return &pagev1.PageRequest{First: p.First, After: p.After}
}

// info tells where a page stands whose rows have these cursors.
func (p Page) info(hasNext bool, cursors []string) *model.PageInfo {
	info := &model.PageInfo{HasNextPage: hasNext, HasPreviousPage: p.After != ""}
	if len(cursors) > 0 {
		info.StartCursor, info.EndCursor = &cursors[0], &cursors[len(cursors)-1]
	}
	return info
}

func amount(m *moneyv1.Money) *model.Money { return new(sums).amount(m) }

func moment(t *timestamppb.Timestamp) *time.Time {
	if t == nil {
		return nil
	}
	return new(t.AsTime())
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// given is the text of an optional input; empty when there is none.
func given(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

package graph

import (
	"context"
	"errors"

	"github.com/99designs/gqlgen/graphql"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/graph/model"
)

func (r query) ParkedMessages(
	ctx context.Context, context *string, filter *model.ParkedMessageFilter, first int32, after *string,
) (*model.ParkedMessageConnection, error) {
	page, err := page(first, after)
	if err != nil {
		return nil, err
	}
	wanted := acl.ParkedFilter{Context: context}
	if filter != nil {
		wanted.ParkedMessageFilter = *filter
	}
	connection, err := r.Parked.List(ctx, page, wanted)
	return besideFailures(ctx, connection, err)
}

func (r mutation) RetryParkedMessages(
	ctx context.Context, input model.RetryParkedMessagesInput,
) (*model.RetryParkedMessagesPayload, error) {
	payload, err := r.Parked.Retry(ctx, input)
	return besideFailures(ctx, payload, err)
}

func (r mutation) DiscardParkedMessages(
	ctx context.Context, input model.DiscardParkedMessagesInput,
) (*model.DiscardParkedMessagesPayload, error) {
	payload, err := r.Parked.Discard(ctx, input)
	return besideFailures(ctx, payload, err)
}

// besideFailures lets an answer stand that some contexts have no part in, each with an error that says why.
func besideFailures[T any](ctx context.Context, answer *T, err error) (*T, error) {
	if answer == nil || err == nil {
		return answer, err
	}
	beside(ctx, err)
	return answer, nil
}

// beside adds an error, or each of those that it joins, to an answer that stands.
func beside(ctx context.Context, err error) {
	if err == nil {
		return
	}
	failures := []error{err}
	if joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		failures = joined.Unwrap()
	}
	for _, failure := range failures {
		graphql.AddError(ctx, failure)
	}
}

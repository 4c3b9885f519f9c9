package rpc

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	chroniclev1 "quadrille.dev/schema/rpc/chronicle/v1"
	"quadrille.dev/services/chronicle/internal/app"
)

// GetFacts answers facts by their ids, whatever saga they are of, as far as the caller may see that.
func (c *Chronicle) GetFacts(ctx context.Context, request *chroniclev1.GetFactsRequest) (*chroniclev1.GetFactsResponse, error) {
	facts, err := c.asked(ctx, request.GetIds())
	if err != nil {
		return nil, err
	}
	about := make([]string, len(facts))
	for i, fact := range facts {
		about[i] = fact.CorrelationID
	}
	sagas, err := c.visible(ctx, about)
	if err != nil {
		return nil, err
	}
	customers := make(map[string]string, len(sagas))
	for _, s := range sagas {
		customers[s.ID] = ""
		if s.Order.Customer != uuid.Nil {
			customers[s.ID] = s.Order.Customer.String()
		}
	}
	response := &chroniclev1.GetFactsResponse{}
	for _, fact := range facts {
		if customer, visible := customers[fact.CorrelationID]; visible {
			response.Facts = append(response.Facts, &chroniclev1.GetFactsResponse_Found{Fact: c.fact(fact), CustomerId: customer})
		}
	}
	return response, nil
}

// asked answers the facts of ids, at most 1,000, as far as they exist.
func (c *Chronicle) asked(ctx context.Context, texts []string) ([]app.Recorded, error) {
	if err := atMost("ids", len(texts), 1000); err != nil {
		return nil, err
	}
	ids, err := parse(texts)
	if err != nil {
		return nil, err
	}
	return c.archive.FactsByID(ctx, ids)
}

// parse reads ids; nil for none.
func parse(texts []string) (ids []uuid.UUID, err error) {
	for _, text := range texts {
		id, err := uuid.Parse(text)
		if err != nil {
			return nil, connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("%q is no id", text))
		}
		ids = append(ids, id)
	}
	return ids, nil
}

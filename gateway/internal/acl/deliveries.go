package acl

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/schema"
	operationsv1 "quadrille.dev/schema/rpc/operations/v1"
)

// Delivered is what became of facts, as far as the contexts that react to them answer.
type Delivered struct {
	deliveries map[string][]*model.Delivery
	failures   map[string]error
}

// Of answers what became of a fact, by the names of contexts, and why those do not say it that are missing.
func (d *Delivered) Of(fact *model.Fact) ([]*model.Delivery, error) {
	var failures []error
	for _, context := range schema.Consumers()[fact.Type] {
		failures = append(failures, d.failures[context])
	}
	return append([]*model.Delivery{}, d.deliveries[fact.ID]...), errors.Join(failures...)
}

// Deliveries asks each context that reacts to one of these facts what became of them, once. With an error some do not answer.
func (p Parked) Deliveries(ctx context.Context, facts []*model.Fact) (*Delivered, error) {
	consumers, ids := schema.Consumers(), map[string][]string{}
	for _, fact := range facts {
		for _, context := range consumers[fact.Type] {
			ids[context] = append(ids[context], fact.ID)
		}
	}
	asked := slices.DeleteFunc(slices.Clone(p), func(in parkedIn) bool { return ids[in.name] == nil })
	slices.SortFunc(asked, func(a, b parkedIn) int { return cmp.Compare(a.name, b.name) })
	answers, failures := make([][]*operationsv1.Delivery, len(asked)), make([]error, len(asked))
	failed := each(asked, func(i int, in parkedIn) error {
		answers[i], failures[i] = inParts(ids[in.name], atOnce, func(part []string) ([]*operationsv1.Delivery, error) {
			answer, err := in.rpc.ListDeliveries(ctx, &operationsv1.ListDeliveriesRequest{Ids: part})
			return answer.GetDeliveries(), failure(ctx, in.name, err)
		})
		return failures[i]
	})
	delivered := &Delivered{deliveries: map[string][]*model.Delivery{}, failures: map[string]error{}}
	for i, in := range asked {
		delivered.failures[in.name] = failures[i]
		for _, told := range answers[i] {
			delivered.deliveries[told.GetId()] = append(delivered.deliveries[told.GetId()], delivery(in.name, told))
		}
	}
	return delivered, failed
}

func delivery(context string, told *operationsv1.Delivery) *model.Delivery {
	return &model.Delivery{
		Context: context, State: model.DeliveryState(told.GetState()), Attempts: told.Attempts, At: moment(told.GetAt()), Error: optional(told.GetError()),
	}
}

package graph

import (
	"context"
	"fmt"

	"quadrille.dev/gateway/internal/graph/model"
)

type returned struct{ *Resolver }

func (r returned) Order(ctx context.Context, returns []*model.Return) ([]*model.Order, error) {
	return ofReturns("order", returnOrder, func(ctx context.Context, keys []string) (map[string]*model.Order, error) {
		orders, err := r.Ordering.ByID(ctx, keys)
		return orders.Found, err
	}).resolve(ctx, returns)
}

func (r returned) CreditNote(ctx context.Context, returns []*model.Return) ([]*model.CreditNote, error) {
	notes, err := ofReturns("credit notes", returnOrder, r.Billing.CreditNotes).resolve(ctx, returns)
	own := make([]*model.CreditNote, len(returns))
	for i, one := range returns {
		for _, note := range notes[i] {
			if note.ReturnKey == one.Key {
				own[i] = note
			}
		}
	}
	return own, err
}

func (r returned) Saga(ctx context.Context, returns []*model.Return) ([]*model.Saga, error) {
	return ofReturns("saga", returnKey, r.Chronicle.Sagas).resolve(ctx, returns)
}

func (r returned) Timeline(ctx context.Context, of *model.Return, first int32, after *string) (*model.FactConnection, error) {
	page, err := page(first, after)
	if err != nil {
		return nil, err
	}
	timelines, err := ofReturns(fmt.Sprintf("timeline of %d after %s", page.First, page.After), returnKey,
		func(ctx context.Context, keys []string) (map[string]*model.FactConnection, error) {
			return r.Chronicle.Timelines(ctx, keys, page)
		}).all(ctx, of)
	return timelines[of.Key], err
}

func ofReturns[V any](
	name string, key func(*model.Return) string, read func(context.Context, []string) (map[string]V, error),
) batch[*model.Return, V] {
	return batch[*model.Return, V]{
		name: name, siblings: func(r *model.Return) *model.ReturnSiblings { return r.Siblings }, key: key, read: read,
	}
}

func returnKey(r *model.Return) string   { return r.Key }
func returnOrder(r *model.Return) string { return r.OrderKey }

type returnLine struct{ *Resolver }

func (r returnLine) Product(ctx context.Context, lines []*model.ReturnLine) ([]*model.Product, error) {
	return batch[*model.ReturnLine, *model.Product]{
		name:     "product",
		siblings: func(l *model.ReturnLine) *model.ReturnLineSiblings { return l.Siblings },
		key:      func(l *model.ReturnLine) string { return l.SKU },
		read:     r.Goods.BySKU,
	}.resolve(ctx, lines)
}

type creditNote struct{ *Resolver }

func (r creditNote) Return(ctx context.Context, notes []*model.CreditNote) ([]*model.Return, error) {
	return batch[*model.CreditNote, *model.Return]{
		name:     "return",
		siblings: func(n *model.CreditNote) *model.CreditNoteSiblings { return n.Siblings },
		key:      func(n *model.CreditNote) string { return n.ReturnKey },
		read: func(ctx context.Context, keys []string) (map[string]*model.Return, error) {
			returns, err := r.Ordering.Returns(ctx, keys)
			return returns.Found, err
		},
	}.resolve(ctx, notes)
}

func (r order) Returns(ctx context.Context, orders []*model.Order) ([][]*model.Return, error) {
	return ofOrders("returns", r.Ordering.ReturnsOf).resolve(ctx, orders)
}

func (r order) CreditNotes(ctx context.Context, orders []*model.Order) ([][]*model.CreditNote, error) {
	return ofOrders("credit notes", r.Billing.CreditNotes).resolve(ctx, orders)
}

func (r query) Return(ctx context.Context, id string) (*model.Return, error) {
	key, err := model.Key(model.KindReturn, id)
	if err != nil {
		return nil, err
	}
	return r.returned(ctx, key)
}

// returned is one return; nil when there is none.
func (r *Resolver) returned(ctx context.Context, key string) (*model.Return, error) {
	returns, err := r.Ordering.Returns(ctx, []string{key})
	if err != nil {
		return nil, err
	}
	if returns.Forbidden[key] {
		return nil, foreign()
	}
	return returns.Found[key], nil
}

func (r mutation) RequestReturn(ctx context.Context, input model.RequestReturnInput) (*model.RequestReturnPayload, error) {
	return r.Ordering.RequestReturn(ctx, input)
}

func (r mutation) RetryReturn(ctx context.Context, input model.RetryReturnInput) (*model.RetryReturnPayload, error) {
	return r.Ordering.RetryReturn(ctx, input)
}

func (r mutation) ResolveReturn(ctx context.Context, input model.ResolveReturnInput) (*model.ResolveReturnPayload, error) {
	return r.Ordering.ResolveReturn(ctx, input)
}

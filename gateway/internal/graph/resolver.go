// Package graph answers the fields of the client's API: it decides who may ask, asks the contexts, and leaves their words to acl.
package graph

import (
	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/cache"
	"quadrille.dev/gateway/internal/graph/generated"
	"quadrille.dev/gateway/internal/links"
	"quadrille.dev/gateway/internal/live"
)

// Resolver is the root of all resolvers.
type Resolver struct {
	*acl.Contexts
	// Goods are products, prices and how many there are.
	Goods *cache.Goods
	// Live tells what changes in sagas, and Stock what can be promised.
	Live  *live.Hub
	Stock *live.Stock
	// Links are where operators look at queues and traces.
	Links links.Links
	// Version is the gateway's own.
	Version string
}

// Query answers what can be read.
func (r *Resolver) Query() generated.QueryResolver { return query{r} }

// Mutation answers what can be changed.
func (r *Resolver) Mutation() generated.MutationResolver { return mutation{r} }

// Subscription answers what can be watched.
func (r *Resolver) Subscription() generated.SubscriptionResolver { return subscription{r} }

// Product answers what other contexts know of products.
func (r *Resolver) Product() generated.ProductResolver { return product{r} }

// Order answers what other contexts know of orders.
func (r *Resolver) Order() generated.OrderResolver { return order{r} }

// OrderLine answers what other contexts know of order lines.
func (r *Resolver) OrderLine() generated.OrderLineResolver { return orderLine{r} }

// Return answers what other contexts know of returns.
func (r *Resolver) Return() generated.ReturnResolver { return returned{r} }

// ReturnLine answers what other contexts know of the lines of returns.
func (r *Resolver) ReturnLine() generated.ReturnLineResolver { return returnLine{r} }

// CreditNote answers what other contexts know of credit notes.
func (r *Resolver) CreditNote() generated.CreditNoteResolver { return creditNote{r} }

// Saga answers what sagas are about.
func (r *Resolver) Saga() generated.SagaResolver { return saga{r} }

// Fact answers what operators may know of facts.
func (r *Resolver) Fact() generated.FactResolver { return fact{r} }

// ChoreographyFact answers how often types of messages come.
func (r *Resolver) ChoreographyFact() generated.ChoreographyFactResolver { return choreographyFact{r} }

// Customer answers what other contexts know of customers.
func (r *Resolver) Customer() generated.CustomerResolver { return customer{r} }

// Viewer answers who the viewer is as a customer.
func (r *Resolver) Viewer() generated.ViewerResolver { return viewerFields{r} }

// RetryStepPayload answers the order whose step was retried.
func (r *Resolver) RetryStepPayload() generated.RetryStepPayloadResolver { return retryStepPayload{r} }

// ResolveStepPayload answers the order whose step was resolved.
func (r *Resolver) ResolveStepPayload() generated.ResolveStepPayloadResolver {
	return resolveStepPayload{r}
}

type (
	query        struct{ *Resolver }
	mutation     struct{ *Resolver }
	subscription struct{ *Resolver }
)

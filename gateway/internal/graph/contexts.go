package graph

import (
	"context"
	"sync"
	"time"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/graph/model"
)

// statusTimeout is how long a context may take to say how it is.
const statusTimeout = time.Second

func (r query) Contexts(ctx context.Context) ([]*model.Context, error) {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	contexts := make([]*model.Context, len(r.Operations), len(r.Operations)+1)
	var asked sync.WaitGroup
	for i, operations := range r.Operations {
		asked.Go(func() {
			contexts[i] = operations.Status(ctx)
			contexts[i].QueueURL = r.Links.Inbox(contexts[i].Name)
		})
	}
	asked.Wait()
	return append(contexts, &model.Context{
		Name: "gateway", Version: &r.Version, Reachable: true, Breakers: acl.Breakers(r.Neighbours),
	}), nil
}

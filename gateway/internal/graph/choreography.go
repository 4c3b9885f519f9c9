package graph

import (
	"context"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/graph/model"
)

func (r query) Choreography(context.Context) ([]*model.ChoreographyFact, error) {
	return acl.Choreography(), nil
}

type choreographyFact struct{ *Resolver }

func (r choreographyFact) LastMinute(ctx context.Context, facts []*model.ChoreographyFact) ([]*int32, error) {
	return batch[*model.ChoreographyFact, *int32]{
		name:     "last minute",
		siblings: func(f *model.ChoreographyFact) *model.ChoreographySiblings { return f.Siblings },
		key:      func(f *model.ChoreographyFact) string { return f.Type },
		read:     r.Chronicle.LastMinute,
	}.resolve(ctx, facts)
}

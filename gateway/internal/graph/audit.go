package graph

import (
	"context"

	"quadrille.dev/gateway/internal/graph/model"
)

func (r query) AuditLog(ctx context.Context, first int32, after *string) (*model.AuditEntryConnection, error) {
	page, err := page(first, after)
	if err != nil {
		return nil, err
	}
	return r.Chronicle.AuditLog(ctx, page)
}

package rpc

import (
	"context"
	"errors"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"quadrille.dev/platform/serve"
	chroniclev1 "quadrille.dev/schema/rpc/chronicle/v1"
	pagev1 "quadrille.dev/schema/rpc/page/v1"

	"quadrille.dev/services/chronicle/internal/app"
)

// ListAudit answers what operators did, the latest first.
func (c *Chronicle) ListAudit(ctx context.Context, request *chroniclev1.ListAuditRequest) (*chroniclev1.ListAuditResponse, error) {
	if !serve.CallerFrom(ctx).IsOperator() {
		return nil, connect.NewError(connect.CodePermissionDenied, errors.New("the audit log is for operators only"))
	}
	page, err := page(request.GetPage())
	if err != nil {
		return nil, err
	}
	if _, err := uuid.Parse(page.After.ID); page.After.ID != "" && err != nil {
		return nil, connect.NewError(connect.CodeInvalidArgument, errors.New("after is no cursor of the audit log"))
	}
	if err := atMost("ids", len(request.GetIds()), 100); err != nil {
		return nil, err
	}
	ids, err := parse(request.GetIds())
	if err != nil {
		return nil, err
	}
	log, total, err := c.archive.Audit(ctx, ids, app.Page{First: page.First + 1, After: page.After})
	if err != nil {
		return nil, err
	}
	response := &chroniclev1.ListAuditResponse{
		PageInfo: &pagev1.PageInfo{HasNextPage: len(log) > page.First, TotalCount: int32(total)},
	}
	for _, done := range log[:min(len(log), page.First)] {
		response.Edges = append(response.Edges, &chroniclev1.ListAuditResponse_Edge{
			Cursor: cursor(app.Position{At: done.At, ID: done.ID.String()}),
			Entry: &chroniclev1.AuditEntry{
				Id: done.ID.String(), At: timestamp(done.At), Context: done.Context,
				Actor: done.Actor, Action: done.Action.Action, Target: done.Target, Detail: done.Detail,
			},
		})
	}
	return response, nil
}

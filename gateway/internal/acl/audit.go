package acl

import (
	"context"

	"quadrille.dev/gateway/internal/graph/model"
	chroniclev1 "quadrille.dev/schema/rpc/chronicle/v1"
)

// AuditLog answers a page of what operators did.
func (c *Chronicle) AuditLog(ctx context.Context, page Page) (*model.AuditEntryConnection, error) {
	answer, err := c.rpc.ListAudit(ctx, &chroniclev1.ListAuditRequest{Page: page.request()})
	if err != nil {
		return nil, failure(ctx, "chronicle", err)
	}
	connection := &model.AuditEntryConnection{
		Edges: []*model.AuditEntryEdge{}, Nodes: []*model.AuditEntry{}, TotalCount: answer.GetPageInfo().GetTotalCount(),
	}
	var cursors []string
	for _, edge := range answer.GetEdges() {
		node := auditEntry(edge.GetEntry())
		connection.Nodes = append(connection.Nodes, node)
		connection.Edges = append(connection.Edges, &model.AuditEntryEdge{Cursor: edge.GetCursor(), Node: node})
		cursors = append(cursors, edge.GetCursor())
	}
	connection.PageInfo = page.info(answer.GetPageInfo().GetHasNextPage(), cursors)
	return connection, nil
}

// AuditEntries answers up to 100 entries by id; those that do not exist are missing.
func (c *Chronicle) AuditEntries(ctx context.Context, ids []string) (map[string]*model.AuditEntry, error) {
	page := Page{First: int32(len(ids))}
	answer, err := c.rpc.ListAudit(ctx, &chroniclev1.ListAuditRequest{Page: page.request(), Ids: ids})
	found := make(map[string]*model.AuditEntry, len(ids))
	for _, edge := range answer.GetEdges() {
		found[edge.GetEntry().GetId()] = auditEntry(edge.GetEntry())
	}
	return found, failure(ctx, "chronicle", err)
}

func auditEntry(entry *chroniclev1.AuditEntry) *model.AuditEntry {
	return &model.AuditEntry{
		ID: model.GlobalID(model.KindAudit, entry.GetId()), At: entry.GetAt().AsTime(), Context: entry.GetContext(),
		Actor: entry.GetActor(), Action: entry.GetAction(), Target: entry.GetTarget(), Detail: entry.GetDetail(),
	}
}

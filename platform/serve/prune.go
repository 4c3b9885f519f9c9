package serve

import (
	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/prune"
)

// Prune has old rows of the context's own tables removed while Run goes on, beside the inbox's.
func (h *Host) Prune(tables ...prune.Table) { h.old = append(h.old, tables...) }

func (h *Host) pruner() *prune.Pruner {
	return prune.New(prune.Config{
		DB: h.DB, Tables: append([]prune.Table{inbox.Kept(h.config.InboxKeptFor), audit.Kept(h.config.AuditKeptFor), inbox.InterventionsKept(h.config.AuditKeptFor)}, h.old...),
		RowsPerSecond: h.config.PruneRowsPerSecond, Log: h.Log, Metrics: h.registry,
	})
}

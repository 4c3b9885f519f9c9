package postgres

import (
	"time"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/prune"
)

// KeptActions says when chronicle may forget what operators did: its log is as long as that of the contexts.
func KeptActions(keptFor time.Duration) prune.Table {
	table := audit.Kept(keptFor)
	table.Name = "actions"
	return table
}

// Kept says which sagas may be forgotten, and their facts with them: those at rest that have heard nothing for so long. Facts outside
// of sagas stay, because read sides are built again from the oldest price that still holds.
func Kept(keptFor time.Duration) prune.Table {
	return prune.Table{
		Name: "sagas", Age: "rested_at", KeptFor: keptFor, Condition: `rested_at IS NOT NULL`,
		Key: "id", Dependents: []prune.Dependent{
			{Name: "facts", Column: "correlation_id", Condition: `sequence IS NOT NULL`}, {Name: "saga_skus", Column: "saga_id"},
		},
	}
}

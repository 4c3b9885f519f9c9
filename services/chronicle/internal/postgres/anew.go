package postgres

import "github.com/jackc/pgx/v5"

// plannedAnew has queries be planned for what they are asked with, though the sessions are those of a context that plans once: it depends on what is
// searched for how that is best found.
func plannedAnew(queries *pgx.Batch) *pgx.Batch {
	batch := &pgx.Batch{}
	batch.Queue(`BEGIN READ ONLY`)
	batch.Queue(`SET LOCAL plan_cache_mode = auto`)
	batch.Queue(`SET LOCAL enable_seqscan = on`)
	batch.QueuedQueries = append(batch.QueuedQueries, queries.QueuedQueries...)
	batch.Queue(`COMMIT`)
	return batch
}

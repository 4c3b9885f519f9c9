package postgres

import (
	"context"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"
)

// migrated tells whether all migrations in fsys are applied already, as they are nearly always: then nobody need be kept from migrating, nor
// asked for more. It answers false when it cannot tell.
func (db *DB) migrated(ctx context.Context, set string, fsys fs.FS) bool {
	files, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		return false
	}
	versions := make([]int64, len(files))
	for i, file := range files {
		if versions[i], err = goose.NumericComponent(file); err != nil {
			return false
		}
	}
	var applied int
	err = db.QueryRow(ctx, `SELECT count(DISTINCT version_id) FROM `+pgx.Identifier{"goose_" + set}.Sanitize()+` WHERE is_applied AND version_id = ANY ($1)`,
		pgx.QueryExecModeExec, versions).Scan(&applied)
	return err == nil && applied == len(files)
}

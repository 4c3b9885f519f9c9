package postgres

import (
	"cmp"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// results are those of a batch before which others are to be taken.
type results struct {
	pgx.BatchResults
	first []*pgx.QueuedQuery
	err   error
}

// catchUp takes the results of what came first. Close does so by itself.
func (r *results) catchUp() error {
	for _, query := range r.first {
		if r.err == nil {
			r.err = query.Fn(r.BatchResults)
		}
	}
	r.first = nil
	return r.err
}

func (r *results) Exec() (pgconn.CommandTag, error) {
	if err := r.catchUp(); err != nil {
		return pgconn.CommandTag{}, err
	}
	return r.BatchResults.Exec()
}

func (r *results) Query() (pgx.Rows, error) {
	if err := r.catchUp(); err != nil {
		return nil, err
	}
	return r.BatchResults.Query()
}

func (r *results) QueryRow() pgx.Row {
	found, err := r.Query()
	return row{found, err}
}

func (r *results) Close() error { return cmp.Or(r.err, r.BatchResults.Close()) }

// rows are those of a query that was asked with others before it; with them the batch ends.
type rows struct {
	pgx.Rows
	results pgx.BatchResults
	closed  bool
	err     error
}

func (r *rows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *rows) Close() {
	if r.closed {
		return
	}
	r.closed = true
	r.Rows.Close()
	r.err = r.results.Close()
}

func (r *rows) Err() error { return cmp.Or(r.Rows.Err(), r.err) }

// row is the first of some rows.
type row struct {
	found pgx.Rows
	err   error
}

func (r row) Scan(fields ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.found.Close()
	if !r.found.Next() {
		return cmp.Or(r.found.Err(), pgx.ErrNoRows)
	}
	if err := r.found.Scan(fields...); err != nil {
		return err
	}
	r.found.Close()
	return r.found.Err()
}

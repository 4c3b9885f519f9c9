package backup

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// recalls are the databases that are being restored, by context: facts that the context told go into their tables recall.
type recalls map[string]*pgx.Conn

func openRecalls(ctx context.Context, r Restore) (recalls, error) {
	opened := recalls{}
	for _, name := range r.Recall {
		own, restored := r.Databases[name]
		if !restored {
			continue
		}
		address, err := database(r.PostgresURL, own+suffix)
		if err == nil {
			opened[name], err = pgx.Connect(ctx, address)
		}
		if err == nil {
			_, err = opened[name].Exec(ctx, `TRUNCATE recall`)
		}
		if err != nil {
			opened.close(ctx)
			return nil, fmt.Errorf("open the restored database of %s: %w", name, err)
		}
	}
	return opened, nil
}

func (r recalls) of(name string) bool { return r[name] != nil }

func (r recalls) add(ctx context.Context, name string, body []byte) error {
	if _, err := r[name].Exec(ctx, `INSERT INTO recall (envelope) VALUES ($1)`, body); err != nil {
		return fmt.Errorf("have %s recall a fact: %w", name, err)
	}
	return nil
}

func (r recalls) close(ctx context.Context) {
	for _, conn := range r {
		if conn != nil {
			_ = conn.Close(context.WithoutCancel(ctx))
		}
	}
}

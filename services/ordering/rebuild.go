package ordering

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/replay"
	"quadrille.dev/platform/serve"
	"quadrille.dev/schema/rpc/chronicle/v1/chroniclev1connect"
	"quadrille.dev/services/ordering/internal/acl"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/postgres"
)

// pagePatience is how long chronicle may take for a page of facts.
const pagePatience = 30 * time.Second

// replays has what ordering keeps of products, prices and customers built again.
func (c *Context) replays(host *serve.Host) {
	client := host.Client("chronicle", pagePatience)
	chronicle := acl.Chronicle{Client: chroniclev1connect.NewChronicleServiceClient(client.HTTP, c.config.ChronicleURL, client.Options...)}
	side := replay.ReadSide[app.Store]{
		DB: host.DB, Routes: acl.Routes(c.config.pace()), Tables: []string{"products", "prices", "customers", "pricing_heard"},
		Bind: func(tx pgx.Tx) app.Store { return postgres.New(tx, acl.Published) },
	}
	from := func(source replay.Source) serve.Build {
		return func(ctx context.Context, window replay.Window, dry bool) (replay.Report, error) {
			return side.Build(ctx, source, window, dry)
		}
	}
	host.Replays(from(host.Stream), from(chronicle.Facts))
}

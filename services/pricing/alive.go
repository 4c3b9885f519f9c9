package pricing

import (
	"context"
	"time"

	"quadrille.dev/platform/serve"
)

// aliveEvery is how often pricing says that it is there. Whoever remembers prices trusts them for an hour after hearing it.
const aliveEvery = time.Minute

// sign says that pricing was there at a moment.
type sign struct {
	At time.Time `json:"at"`
}

// alive is the loop that signals pricing.alive, at once and then every minute.
func alive(signal func(ctx context.Context, key string, message any)) serve.Loop {
	return func(ctx context.Context) error {
		ticker := time.NewTicker(aliveEvery)
		defer ticker.Stop()
		for {
			signal(ctx, "pricing.alive", sign{At: time.Now().UTC()})
			select {
			case <-ctx.Done():
				return nil
			case <-ticker.C:
			}
		}
	}
}

package chaos

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/stack/client"
)

// followers are people who watch orders live, over subscriptions that have to outlive everything but the gateway.
type followers struct {
	mu sync.Mutex
	// told is the number of the last fact that each order's follower was told.
	told map[string]int64
	// faults are what no follower may see.
	faults []string
	stop   context.CancelFunc
	ctx    context.Context
	going  sync.WaitGroup
}

func newFollowers(ctx context.Context) *followers {
	ctx, stop := context.WithCancel(ctx)
	return &followers{told: map[string]int64{}, ctx: ctx, stop: stop}
}

// follow watches an order to the end. A subscription that breaks, because the gateway did, goes on where it was.
func (f *followers) follow(c *client.Client, id string) {
	order := uuidOf(id)
	f.mu.Lock()
	f.told[order] = 0
	f.mu.Unlock()
	f.going.Go(func() {
		for f.ctx.Err() == nil {
			_ = c.Subscribe(f.ctx, `subscription ($id: ID!, $since: Int!) { orderChanged(id: $id, since: $since) { sequence } }`,
				map[string]any{"id": id, "since": f.last(order)}, func(data json.RawMessage) bool { return f.hear(order, data) })
			_ = sleep(f.ctx, 200*time.Millisecond)
		}
	})
}

// uuidOf is the order's id within the system; whatever is no global id stays what it is.
func uuidOf(id string) string {
	decoded, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		return id
	}
	_, order, _ := strings.Cut(string(decoded), ":")
	return order
}

func (f *followers) last(order string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.told[order]
}

func (f *followers) hear(order string, data json.RawMessage) (more bool) {
	var event struct{ OrderChanged struct{ Sequence int64 } }
	err := json.Unmarshal(data, &event)
	f.mu.Lock()
	defer f.mu.Unlock()
	if sequence := event.OrderChanged.Sequence; err != nil || sequence != f.told[order]+1 {
		f.faults = append(f.faults, fmt.Sprintf("told wrong: fact %d of order %s came after %d (%v)", sequence, order, f.told[order], err))
		return false
	}
	f.told[order]++
	return true
}

// endFollowers returns when every follower was told all that chronicle has of the order, or patience is at an end, and answers what went wrong.
func (t *Trial) endFollowers(ctx context.Context, patience time.Duration) ([]string, error) {
	f := t.followers
	defer f.going.Wait()
	defer f.stop()
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var behind []string
	err := await(waiting, "what followers are told", func(ctx context.Context) (bool, error) {
		var err error
		behind, err = t.behind(ctx)
		return len(behind) == 0, err
	})
	if err != nil && ctx.Err() != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	t.count("orders followed live", len(f.told))
	return append(f.faults, behind...), nil
}

// behind lists the orders whose followers were not told everything.
func (t *Trial) behind(ctx context.Context) (behind []string, err error) {
	conn, err := pgx.Connect(ctx, t.database("chronicle"))
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var order string
	var sequence int64
	t.followers.mu.Lock()
	defer t.followers.mu.Unlock()
	err = each(ctx, conn, `SELECT id, sequence FROM sagas`, []any{&order, &sequence}, func() {
		if told, followed := t.followers.told[order]; followed && told != sequence {
			behind = append(behind, fmt.Sprintf("not told: of order %s %d facts of %d", order, told, sequence))
		}
	})
	return behind, err
}

package chaos

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/proof/system"
	"quadrille.dev/stack/client"
	"quadrille.dev/stack/local/localtest"
)

var quadrille *system.System

const (
	// deadline is short, so that orders time out while a context is away.
	deadline = 20 * time.Second
	// patience is how long sagas may take to rest after a kill.
	patience = 3 * time.Minute
	orders   = 200
	atOnce   = 8
)

// wishes are orders of every outcome; most succeed.
func wishes(sku string, random *rand.Rand) []system.Wish {
	list := make([]system.Wish, orders)
	for i := range list {
		wish := system.Wish{SKU: sku, Quantity: 1 + random.IntN(3)}
		switch random.IntN(10) {
		case 0:
			wish.Token = "pm_card_chargeDeclined"
		case 1:
			wish.Postcode = "00000"
		case 2:
			wish.Quantity = 9_999
		}
		list[i] = wish
	}
	return list
}

// TestFaults breaks one system again and again.
func TestFaults(t *testing.T) {
	quadrille = system.Start(t, localtest.Settings{"ordering": {"ORDER_DEADLINE": deadline.String()}})
	t.Run("AnOrderTimesOut", anOrderTimesOut)
	t.Run("KillingAContext", killingAContext)
}

// killingAContext kills each context in turn with SIGKILL while orders run, and lets it restart.
func killingAContext(t *testing.T) {
	for _, victim := range rabbit.Contexts {
		t.Run(victim, func(t *testing.T) {
			sku := fmt.Sprintf("KILL-%s", victim)
			system.Sell(t, quadrille.As(t, system.Olga), sku, "3.10", 2*orders)
			ada := quadrille.As(t, system.Ada)
			random := rand.New(rand.NewPCG(42, 0))
			ids := storm(t, ada, wishes(sku, random), random, func() {
				if err := quadrille.Kill(victim); err != nil {
					t.Errorf("kill %s: %v", victim, err)
				}
			})
			outcomes := map[string]int{}
			for _, id := range ids {
				outcomes[system.Rest(t, ada, id, patience).Status]++
			}
			t.Logf("%d orders with %s killed: %v", len(ids), victim, outcomes)
			if seen := quadrille.CheckInvariants(t); seen < len(ids) {
				t.Errorf("%d orders were placed, and %d are there", len(ids), seen)
			}
		})
	}
}

// storm places orders, cancels one in ten at once, and strikes when a third are placed.
func storm(t *testing.T, c *client.Client, list []system.Wish, random *rand.Rand, strike func()) []string {
	t.Helper()
	cancelled := make([]bool, len(list))
	for i := range cancelled {
		cancelled[i] = random.IntN(10) == 0
	}
	ids := make([]string, len(list))
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(atOnce)
	for i, wish := range list {
		if i == len(list)/3 {
			strike()
		}
		group.Go(func() error {
			id, err := system.Place(ctx, c, wish)
			if err != nil {
				return err
			}
			ids[i] = id
			if cancelled[i] {
				if _, err := system.Cancel(ctx, c, id); err != nil {
					return fmt.Errorf("cancel %s: %w", id, err)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return ids
}

// anOrderTimesOut halts inventory until the deadline of an order has passed.
func anOrderTimesOut(t *testing.T) {
	const sku = "TIMES-OUT"
	system.Sell(t, quadrille.As(t, system.Olga), sku, "3.10", 5)
	ada := quadrille.As(t, system.Ada)
	quadrille.Halt("inventory")
	id, err := system.Place(t.Context(), ada, system.Wish{SKU: sku})
	if err != nil {
		t.Fatal(err)
	}
	awaitStatus(t, ada, id, "CANCELLED")
	if err := quadrille.Restart(t.Context(), "inventory"); err != nil {
		t.Fatal(err)
	}
	order := system.Rest(t, ada, id, patience)
	if order.Cancellation.Reason != "TIMED_OUT" || order.Cancellation.CancelledBy != "SYSTEM" || !order.Cancellation.Settled {
		t.Errorf("cancellation: %+v", order.Cancellation)
	}
	if available := system.Available(t, ada, sku); available != 5 {
		t.Errorf("%d of 5 available after nothing was sold", available)
	}
	quadrille.CheckInvariants(t)
}

func awaitStatus(t *testing.T, c *client.Client, id, status string) {
	t.Helper()
	// Ordering alone is asked: others may be away.
	system.Await(t, patience, "order "+id+" is "+status, func(ctx context.Context) (string, bool, error) {
		var data struct{ Order struct{ Status string } }
		err := c.Do(ctx, `query ($id: ID!) { order(id: $id) { status } }`, map[string]any{"id": id}, &data)
		return data.Order.Status, data.Order.Status == status, err
	})
}

package chaos

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"quadrille.dev/proof/system"
)

// traffic places orders of all outcomes, cancels some, and never stops before it is told to.
type traffic struct {
	placed  atomic.Int64
	stop    context.CancelFunc
	running sync.WaitGroup
}

func startTraffic(t *testing.T, s *system.System, sku string) *traffic {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	traffic := &traffic{stop: stop}
	for lane := range 3 {
		ada := s.As(t, system.Ada)
		random := rand.New(rand.NewPCG(14, uint64(lane)))
		traffic.running.Go(func() {
			for ctx.Err() == nil {
				wishes := []system.Wish{
					{}, {}, {}, {Token: "pm_card_chargeDeclined"}, {Postcode: "00000"}, {Quantity: 100_000}, {Token: "pm_card_flaky"},
				}
				wish := wishes[random.IntN(len(wishes))]
				wish.SKU = sku
				id, err := system.Place(ctx, ada, wish)
				if err != nil {
					continue // its context is down
				}
				traffic.placed.Add(1)
				if random.IntN(4) == 0 {
					_, _ = system.Cancel(ctx, ada, id) // it may be too late
				}
				select {
				case <-time.After(500 * time.Millisecond):
				case <-ctx.Done():
				}
			}
		})
	}
	return traffic
}

// await returns when so many more orders were placed.
func (tr *traffic) await(t *testing.T, more int64) {
	t.Helper()
	want := tr.placed.Load() + more
	for until := time.Now().Add(2 * time.Minute); tr.placed.Load() < want; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("only %d of %d orders were placed", tr.placed.Load(), want)
		}
	}
}

func (tr *traffic) end() {
	tr.stop()
	tr.running.Wait()
}

// A backup is taken in mid-traffic, and more orders run. Then the databases of some contexts, of others, and at last of all are restored
// to it, again in mid-traffic, while broker, provider and carrier have gone on: what they did since is not undone. Nothing is charged or
// shipped twice all the same, and every saga comes to rest.
func TestAfterARestoreFromABackupNothingIsDoneTwiceAndEverySagaComesToRest(t *testing.T) {
	s := system.Start(t, nil)
	system.Sell(t, s.As(t, system.Olga), "BACKUP-1", "9.99", 50_000)
	before := startTraffic(t, s, "BACKUP-1")
	before.await(t, 20)
	dir := filepath.Join(t.TempDir(), "backup")
	if _, err := s.Backup(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	before.await(t, 20)
	before.end()
	for _, contexts := range [][]string{{"billing"}, {"fulfillment", "inventory"}, {"ordering"}, {"chronicle"}, nil} {
		t.Run(strings.Join(append(contexts, "restored")[:max(1, len(contexts))], " and "), func(t *testing.T) {
			during := startTraffic(t, s, "BACKUP-1")
			during.await(t, 20)
			restored, err := s.Restore(t.Context(), dir, time.Hour, contexts...)
			if err != nil {
				t.Fatal(err)
			}
			during.await(t, 10)
			during.end()
			s.AwaitRest(t, 3*time.Minute)
			orders := s.CheckInvariants(t)
			t.Logf("%d orders; told again by %v, heard again by %v", orders, restored.Told, restored.Heard)
			if len(restored.Heard) == 0 {
				t.Error("nobody has heard anything again")
			}
		})
	}
	if err := errors.Join(secondBackup(t, s, dir)); err == nil {
		t.Error("a backup was overwritten")
	}
}

func secondBackup(t *testing.T, s *system.System, dir string) error {
	t.Helper()
	_, err := s.Backup(t.Context(), dir)
	return err
}

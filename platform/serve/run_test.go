package serve_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
)

func publish(t *testing.T, host *serve.Host, fact event.Fact) {
	t.Helper()
	err := host.DB.InTx(t.Context(), func(tx pgx.Tx) error {
		return outbox.Append(t.Context(), tx, event.New(t.Context(), fact))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// listener takes the facts that ordering takes of catalog, and hands over their subjects.
func listener(heard chan<- string) inbox.Routes[pgx.Tx] {
	var routes inbox.Routes[pgx.Tx]
	for _, fact := range []string{"listed", "updated", "retired"} {
		routes = append(routes, inbox.Route[pgx.Tx]{
			Fact: "catalog.product." + fact,
			Handle: func(ctx context.Context, tx pgx.Tx, fact event.Envelope, _ time.Time) error {
				_, err := tx.Exec(ctx, "INSERT INTO thing VALUES ($1)", fact.Subject)
				heard <- fact.Subject
				return err
			},
		})
	}
	return routes
}

func bind(tx pgx.Tx) pgx.Tx { return tx }

func TestFactsTravelFromOneHostToAnother(t *testing.T) {
	broker := testkit.RabbitMQ(t)
	catalog, _ := openAt(t, "catalog", broker)
	ordering, _ := openAt(t, "ordering", broker)
	chronicle, _ := openAt(t, "chronicle", broker)
	heard, recorded := make(chan string, 1), make(chan string, 1)
	run(t, catalog)
	run(t, ordering, serve.Consumer(ordering, listener(heard), bind))
	run(t, chronicle, serve.Consumer(chronicle, inbox.Routes[pgx.Tx]{{
		Fact: "#",
		Handle: func(_ context.Context, _ pgx.Tx, fact event.Envelope, _ time.Time) error {
			recorded <- fact.Subject
			return nil
		},
	}}, bind))

	id := uuid.NewString()
	publish(t, catalog, event.Fact{Name: "catalog.product.retired", Version: 1, Subject: id, Sequence: 1, At: time.Now()})
	if got := <-heard; got != id {
		t.Errorf("heard of %s", got)
	}
	if got := <-recorded; got != id {
		t.Errorf("recorded %s", got)
	}
}

// A fact must not be handed to a broker that would lose it for a subscriber.
func TestNothingIsPublishedWhileASubscriberIsMissing(t *testing.T) {
	host, _ := open(t, "catalog")
	run(t, host)
	awaitReady(t, host)
	publish(t, host, event.Fact{Name: "catalog.product.retired", Version: 1, Subject: uuid.NewString(), Sequence: 1, At: time.Now()})
	_, metrics := get(t, "http://"+host.Addr()+"/metrics")
	if !strings.Contains(metrics, "quadrille_outbox_backlog 1") {
		t.Error("the fact is gone")
	}
}

func TestDrainIsInOrder(t *testing.T) {
	host, _ := open(t, "inventory")
	var (
		mu    sync.Mutex
		order []string
	)
	note := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, what)
	}
	begun, finish, consumed := make(chan struct{}), make(chan struct{}), make(chan struct{})
	host.HandlePublic("/slow", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(begun)
		<-finish
		note("request")
	}))
	consumer := serve.Consumer(host, listener(nil), bind)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- host.Run(ctx,
			func(ctx context.Context) error {
				<-ctx.Done()
				select {
				case <-consumed: // just after what Run waits for
				case <-time.After(time.Second):
				}
				note("loop")
				return ctx.Err()
			},
			func(ctx context.Context) error {
				defer close(consumed)
				defer note("consumer")
				return consumer(ctx)
			})
	}()
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		get(t, "http://"+host.Addr()+"/slow")
	}()
	<-begun
	cancel()
	close(finish)
	<-asked
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if want := []string{"request", "consumer", "loop"}; !slices.Equal(order, want) {
		t.Errorf("ended in order %v, want %v", order, want)
	}
}

func TestAFailedLoopEndsTheProgram(t *testing.T) {
	host, _ := open(t, "inventory")
	broken := errors.New("broken")
	err := host.Run(t.Context(), func(context.Context) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

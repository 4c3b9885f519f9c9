// Package chaos breaks the running system and reads from its databases and ledgers that nothing was lost and nothing doubled.
package chaos

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"quadrille.dev/proof/system"
	"quadrille.dev/stack/client"
	"quadrille.dev/stack/local/localtest"
)

// witness is the program that counts every fact.
const witness = "witness"

// Trial is one system that is broken on purpose, on servers of its own, and what was seen of it.
type Trial struct {
	*system.System
	servers *localtest.Servers
	vhost   string
	// tap copies what is published; it is for one fault at a time.
	tap       *tap
	customers map[string]*client.Client
	followers *followers
	// testimony is the URL of the witness's database.
	testimony string

	mu     sync.Mutex
	struck map[Kind]int
	counts map[string]int
	placed map[OrderKind]int
	log    func(format string, args ...any)
}

// queuesSettle is how long RabbitMQ 3.10 may take to write down a quorum queue that it has declared; killed before, it never finds the
// queue's leader again, and refuses what is published to it.
const queuesSettle = 4 * time.Second

// settings make ownership short, so that it can be outlived, and duplicates countable.
var settings = localtest.Settings{
	"":         {"RELAY_OWNERSHIP": "4s", "LOG_LEVEL": "DEBUG"},
	"ordering": {"ORDER_DEADLINE": "30s", "RETURN_STEP_TIMEOUT": "3s"},
	"carrier":  {"DELIVERY_AFTER": "1s"},
}

// begin starts a system with goods on sale, and its witness. It ends with the test.
func begin(t testing.TB, servers *localtest.Servers, build string, more ...string) *Trial {
	t.Helper()
	started := system.StartWith(t, localtest.Options{
		Settings: settings, Servers: servers, Build: build, More: append(more, "./proof/chaos/"+witness),
	})
	trial := &Trial{
		System: started, servers: servers, customers: map[string]*client.Client{}, followers: newFollowers(t.Context()),
		struck: map[Kind]int{}, counts: map[string]int{}, placed: map[OrderKind]int{}, log: t.Logf,
	}
	amqpURL := trial.shareBroker(t)
	t.Cleanup(func() {
		if t.Failed() {
			headless, err := trial.headless(context.Background())
			t.Logf("queues without a leader: %v (%v)", headless, err)
		}
	})
	var err error
	if trial.tap, err = openTap(amqpURL); err != nil {
		t.Fatal(err)
	}
	trial.testimony = trial.witnessDatabase(t)
	err = trial.Join(t.Context(), witness, map[string]string{"DATABASE_URL": trial.testimony, "AMQP_URL": amqpURL})
	if err != nil {
		t.Fatal(err)
	}
	for _, customer := range []string{system.Ada, system.Grace} {
		trial.customers[customer] = trial.As(t, customer)
	}
	if err := sleep(t.Context(), queuesSettle); err != nil {
		t.Fatal(err)
	}
	return trial
}

// shareBroker gives the administrator a place in the system's virtual host, and answers its URL.
func (t *Trial) shareBroker(tb testing.TB) string {
	tb.Helper()
	theirs, err := url.Parse(t.AMQPURL("ordering"))
	if err != nil {
		tb.Fatal(err)
	}
	ours, err := url.Parse(t.servers.AMQPURL)
	if err != nil {
		tb.Fatal(err)
	}
	t.vhost = strings.TrimPrefix(theirs.Path, "/")
	ours.Path = theirs.Path
	rights := `{"configure":".*","write":".*","read":".*"}`
	if err := t.manage(tb.Context(), http.MethodPut, "/api/permissions/"+t.vhost+"/"+ours.User.Username(), rights, nil); err != nil {
		tb.Fatal(err)
	}
	return ours.String()
}

func (t *Trial) witnessDatabase(tb testing.TB) string {
	tb.Helper()
	conn, err := pgx.Connect(tb.Context(), t.servers.PostgresURL)
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close(tb.Context())
	name := t.vhost + "_" + witness
	if _, err := conn.Exec(tb.Context(), "CREATE DATABASE "+name); err != nil {
		tb.Fatal(err)
	}
	return t.superuser("/" + name)
}

// superuser is a URL of the database server for its superuser.
func (t *Trial) superuser(path string) string {
	// The URL is the server's own, and was used before.
	address, _ := url.Parse(t.servers.PostgresURL)
	address.Path = path
	return address.String()
}

// database is a context's or the witness's, for the superuser.
func (t *Trial) database(name string) string {
	if name == witness {
		return t.testimony
	}
	address, _ := url.Parse(t.DatabaseURL(name))
	return t.superuser(address.Path)
}

// run goes through a schedule. Its error is what could not be done, not what the system did wrong.
func (t *Trial) run(ctx context.Context, schedule Schedule) error {
	for i, round := range schedule.Rounds {
		began := time.Now()
		group, ctx := errgroup.WithContext(ctx)
		for _, fault := range round.Faults {
			group.Go(func() error { return t.strike(ctx, fault) })
		}
		for _, order := range round.Orders {
			group.Go(func() error { return t.place(ctx, order) })
		}
		if err := group.Wait(); err != nil {
			return fmt.Errorf("round %d of %d: %w", i+1, len(schedule.Rounds), err)
		}
		t.log("round %d of %d took %s", i+1, len(schedule.Rounds), time.Since(began).Round(100*time.Millisecond))
	}
	return nil
}

// note remembers a fault that has happened.
func (t *Trial) note(fault Fault, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.struck[fault.Kind]++
	t.log("%s %s, for %s", fault.Kind, fault.Target, took.Round(100*time.Millisecond))
}

func (t *Trial) count(what string, more int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[what] += more
}

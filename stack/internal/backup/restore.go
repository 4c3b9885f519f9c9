package backup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/stack/internal/server"
)

// Restore says what to bring back, and where to.
type Restore struct {
	// Dir holds the backup.
	Dir string
	// Databases are the names of the contexts' databases, and of their roles, by context. No program may work on them.
	Databases map[string]string
	// PostgresURL is a superuser's, AMQPURL an administrator's of the virtual host.
	PostgresURL, AMQPURL string
	// Consumers are the contexts that each fact is for, apart from chronicle, which hears all.
	Consumers map[string][]string
	// Commands are what is for one context alone: chronicle does not hear it.
	Commands []string
	// Recall are the contexts that take up what they told.
	Recall []string
	// Margin is how long before the backup a fact may have been published that was handled after it: longer than any fact waited.
	Margin time.Duration
}

// Report is what was brought back.
type Report struct {
	TakenAt time.Time
	// Told are the facts that each context told since, and takes up again when it starts.
	Told map[string]int
	// Heard are the facts that each context may have heard since, and is sent again.
	Heard map[string]int
}

// ErrTooOld refuses a backup from before what the stream still has.
var ErrTooOld = errors.New("the stream does not reach back to the backup")

// suffix is of databases that are not complete yet.
const suffix = "_restoring"

// Run brings the databases back as they were, has each context take up what it told since, and sends it what it has heard since. Until
// all of that is there nothing has changed but that messages wait which contexts have handled, and will know again.
func (r Restore) Run(ctx context.Context) (Report, error) {
	held, err := Read(r.Dir)
	if err != nil {
		return Report{}, err
	}
	report := Report{TakenAt: held.TakenAt, Told: map[string]int{}, Heard: map[string]int{}}
	since := held.TakenAt.Add(-r.Margin)
	if time.Since(since) > rabbit.StreamKeeps {
		return report, fmt.Errorf("restore what was taken %s: %w", held.TakenAt.Format(time.RFC3339), ErrTooOld)
	}
	conn, err := pgx.Connect(ctx, r.PostgresURL)
	if err != nil {
		return report, fmt.Errorf("restore: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, name := range slices.Sorted(maps.Keys(r.Databases)) {
		if !slices.Contains(held.Contexts, name) {
			return report, fmt.Errorf("restore %s: the backup does not hold it", name)
		}
		if err := r.fill(ctx, conn, name); err != nil {
			return report, fmt.Errorf("restore %s: %w", name, err)
		}
	}
	if err := r.catchUp(ctx, since, &report); err != nil {
		return report, fmt.Errorf("restore: %w", err)
	}
	for name := range r.Databases {
		if err := r.swap(ctx, conn, name); err != nil {
			return report, fmt.Errorf("restore %s: %w", name, err)
		}
	}
	return report, nil
}

// fill makes a database beside the context's own, as it was, in a new epoch.
func (r Restore) fill(ctx context.Context, conn *pgx.Conn, name string) error {
	role := pgx.Identifier{r.Databases[name]}.Sanitize()
	fresh := pgx.Identifier{r.Databases[name] + suffix}.Sanitize()
	for _, statement := range []string{
		"DROP DATABASE IF EXISTS " + fresh + " WITH (FORCE)",
		"CREATE DATABASE " + fresh + " OWNER " + role,
		"REVOKE ALL ON DATABASE " + fresh + " FROM PUBLIC",
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	address, err := database(r.PostgresURL, r.Databases[name]+suffix)
	if err != nil {
		return err
	}
	err = server.RunPostgresTool(ctx, "pg_restore", address, "--no-owner", "--no-privileges", "--role="+r.Databases[name],
		"--exit-on-error", "--single-transaction", file(r.Dir, name))
	if err != nil {
		return err
	}
	into, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer into.Close(context.WithoutCancel(ctx))
	// Minutes, so that restoring one backup twice leads to different epochs.
	_, err = into.Exec(ctx, `
		UPDATE epoch SET began_at = clock_timestamp(),
			number = greatest(number + 1, (extract(epoch FROM clock_timestamp() - timestamptz '2026-01-01') / 60)::bigint)`)
	return err
}

// swap puts the database that is complete in the place of the context's own.
func (r Restore) swap(ctx context.Context, conn *pgx.Conn, name string) error {
	own, fresh := pgx.Identifier{r.Databases[name]}.Sanitize(), pgx.Identifier{r.Databases[name] + suffix}.Sanitize()
	for _, statement := range []string{
		"DROP DATABASE IF EXISTS " + own + " WITH (FORCE)",
		"ALTER DATABASE " + fresh + " RENAME TO " + own,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// catchUp reads the stream of all facts since a moment: a fact that a restored context told goes into its database, one that it heard
// into its queue.
func (r Restore) catchUp(ctx context.Context, since time.Time, report *Report) error {
	properties := amqp.NewConnectionProperties()
	properties.SetClientConnectionName(reader)
	conn, err := amqp.DialConfig(r.AMQPURL, amqp.Config{Properties: properties})
	if err != nil {
		return fmt.Errorf("connect to RabbitMQ: %w", err)
	}
	defer conn.Close()
	queues, err := openQueues(conn)
	if err != nil {
		return err
	}
	recalls, err := openRecalls(ctx, r)
	if err != nil {
		return err
	}
	defer recalls.close(ctx)
	err = rabbit.ReadStream(ctx, conn, reader, since, func(body []byte) error {
		fact, err := event.Decode(body)
		if err != nil {
			return nil //nolint:nilerr // nobody has ever read it: it is among the dead letters
		}
		if recalls.of(fact.Context()) {
			report.Told[fact.Context()]++
			if err := recalls.add(ctx, fact.Context(), body); err != nil {
				return err
			}
		}
		hearers := r.Consumers[fact.Name()]
		if !slices.Contains(r.Commands, fact.Name()) {
			hearers = append([]string{"chronicle"}, hearers...)
		}
		for _, name := range hearers {
			if _, restored := r.Databases[name]; restored {
				report.Heard[name]++
				if err := queues.send(ctx, name, fact, body); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return queues.settle(ctx)
}

// Package bench measures. Its figures are ratios to a floor or a limit taken in the same run, because machines are shared and noisy.
package bench

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/rabbit"
)

var (
	seed   = flag.Uint64("seed", 1, "of the moments at which orders are placed, and of what is in them")
	single = flag.Int("single", 200, "how many orders are placed one after another")
	first  = flag.Float64("first", 20, "how many sagas a second are begun at first")
	step   = flag.Duration("step", 6*time.Second, "how long sagas are begun at each rate")
	phase  = flag.Duration("phase", 15*time.Second, "how long costs and times are taken at one rate")
	low    = flag.Float64("low", 10, "at how many sagas a second it is taken what orders cost by their number and size")
	stored = flag.Int("stored", 100_000, "how many orders are stored in the end")
)

// BenchmarkSagas measures the order saga on whole systems, and is what `make bench-sagas` runs: how long one takes when nothing else goes on,
// how many there are in a second beside the limit, and what one costs by the number of lines and by the number of orders stored. Costs are
// taken until the parcel is delivered.
func BenchmarkSagas(b *testing.B) {
	b.Run("Alone", func(b *testing.B) { openShop(b, 1).alone(b) })
	b.Run("Rates", func(b *testing.B) { openShop(b, goods).rates(b) })
	b.Run("Lines", func(b *testing.B) { openShop(b, mostLines).perLines(b) })
	b.Run("Stored", func(b *testing.B) { openShop(b, goods).perStored(b) })
}

// introduce prints what the figures depend on.
func (s *shop) introduce(b *testing.B) {
	b.Helper()
	var version, fsync, commit string
	err := s.server.QueryRow(b.Context(), `
		SELECT current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit')`).Scan(&version, &fsync, &commit)
	if err != nil {
		b.Fatal(err)
	}
	tell("\n%d cores, %s, PostgreSQL %s (fsync %s, synchronous_commit %s), RabbitMQ %v; seed %d, first %v/s, step %s, phase %s, stored %d\n",
		runtime.NumCPU(), runtime.Version(), version, fsync, commit, s.brokerVersion, *seed, *first, *step, *phase, *stored)
}

// tell prints beside what the benchmark itself prints.
func tell(format string, values ...any) { fmt.Fprintf(os.Stderr, format, values...) }

// table prints rows of Markdown.
func table(header ...string) (row func(cells ...any)) {
	tell("\n| %s |\n|%s\n", strings.Join(header, " | "), strings.Repeat("---|", len(header)))
	return func(cells ...any) {
		for _, cell := range cells {
			switch cell := cell.(type) {
			case float64:
				tell("| %s ", sensibly(cell))
			case time.Duration:
				tell("| %s ms ", sensibly(float64(cell.Microseconds())/1000))
			default:
				tell("| %v ", cell)
			}
		}
		tell("|\n")
	}
}

// sensibly writes a number with two digits at least.
func sensibly(x float64) string {
	if x >= 99.5 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.2g", x)
}

// growth is by what the rate rises from step to step.
const growth = 1.4

// rates places orders at rising rates until the system does not keep up, then for longer at the highest rate at which it did, and at half
// of that, and prints both beside their skeleton and the limit. It tells two times of each order: from when the request was due until
// order.fulfilled was heard from RabbitMQ, and by the system's own clock, from PlacedAt to FulfilledAt.
func (s *shop) rates(b *testing.B) {
	row := table("sagas begun/s", "fulfilled/s", "not yet fulfilled", "messages in inboxes", "p50", "p99", "by its own clock p50", "p99", "keeps up")
	tried := func(p passage) passage {
		row(p.rate, p.fulfilled, p.backlog, p.piled, quantile(p.heard, 50), quantile(p.heard, 99), quantile(p.told, 50), quantile(p.told, 99), p.verdict())
		s.rest(b)
		return p
	}
	high := highest(*first,
		func(rate float64) passage { return tried(s.place(b, rate, *step, 1)) },
		func(rate float64) priced {
			p := s.phase(b, rate)
			tried(p.passage)
			return p
		})
	half := tried(s.place(b, high.rate/2, *phase, 1))
	s.bill(high)
	footprint := s.footprint(b, high)
	skeleton := s.openSkeleton(b, footprint)
	bones := skeleton.rates(b, s.meter, high.rate)
	then := skeleton.place(b, half.rate, *phase)
	var limit bare
	for _, n := range committers {
		if bare := s.limit(b, footprint, n, *phase/time.Duration(len(committers))); bare.perSecond > limit.perSecond {
			limit = bare
		}
	}
	s.compare(high, bones, limit)
	b.ReportMetric(high.fulfilled, "sagas/s")
	b.ReportMetric(100*high.fulfilled/bones.fulfilled, "%skeleton")
	b.ReportMetric(100*high.fulfilled/limit.perSecond, "%limit")
	report(b, "half", half.heard)
	report(b, "skeleton-then", then.heard)
	b.ReportMetric(0, "ns/op")
}

// highest answers what came of the highest rate at which short passages keep up, and a long one does too. A short one has a second chance,
// for what may have been an accident.
func highest(rate float64, short func(rate float64) passage, long func(rate float64) priced) priced {
	keepsUp := func(rate float64) bool {
		once := short(rate)
		return once.keptUp() || short(rate).keptUp()
	}
	for keepsUp(rate) {
		rate *= growth
	}
	if between := rate / math.Sqrt(growth); !keepsUp(between) {
		rate = between
	}
	for {
		rate /= math.Sqrt(growth)
		if p := long(rate); p.keptUp() {
			return p
		}
	}
}

func (p passage) verdict() string {
	switch {
	case p.refused > 0:
		return fmt.Sprintf("no: %d refused: %v", p.refused, p.reason)
	case p.keptUp():
		return "yes"
	default:
		return "no"
	}
}

func quantile(took []time.Duration, p int) time.Duration {
	if len(took) == 0 {
		return 0
	}
	return percentile(took, p)
}

// priced is a passage with what it has cost.
type priced struct {
	passage
	cost cost
}

// settling is how long idle sessions of PostgreSQL take to tell of their commits.
const settling = 11 * time.Second

// phase places orders for longer, and takes what they cost until everything is delivered, with what idle sessions tell of later.
func (s *shop) phase(b *testing.B, rate float64) priced {
	b.Helper()
	s.rest(b)
	time.Sleep(settling)
	before := s.read(b)
	p := s.place(b, rate, *phase, 1)
	s.rest(b)
	used := s.read(b).since(before)
	time.Sleep(settling)
	told := s.read(b).since(before)
	used.commits, used.inserted, used.updated, used.deleted, used.handled = told.commits, told.inserted, told.updated, told.deleted, told.handled
	return priced{p, used}
}

// bill prints what a saga cost.
func (s *shop) bill(p priced) {
	per := func(n int64) float64 { return float64(n) / float64(p.placed) }
	row := table("per saga, at "+sensibly(p.rate)+"/s", "")
	row("transactions that change something", per(p.cost.writes))
	row("transactions", per(p.cost.commits))
	row("rows inserted", per(p.cost.inserted))
	row("rows updated", per(p.cost.updated))
	row("rows deleted", per(p.cost.deleted))
	row("bytes written ahead", per(p.cost.log))
	row("messages published", per(p.cost.published))
	row("messages handled", per(p.cost.handled))
	row = table("processor time per saga", "its own", "PostgreSQL for it")
	for _, name := range slices.Sorted(maps.Keys(p.cost.cpu)) {
		row(name, p.cost.cpu[name]/time.Duration(p.placed), p.cost.postgres[name]/time.Duration(p.placed))
	}
	row("all but "+loadGenerator, p.cost.total()/time.Duration(p.placed), "")
}

// footprint is what a saga left on the servers, with the messages of one more.
func (s *shop) footprint(b *testing.B, p priced) footprint {
	b.Helper()
	per := func(n int64) float64 { return float64(n) / float64(p.placed) }
	queue := queueFor(b, s.broker, rabbit.Contexts, "#")
	s.place(b, 1, time.Nanosecond, 1)
	s.rest(b)
	f := footprint{
		commits: per(p.cost.writes), inserted: per(p.cost.inserted), updated: per(p.cost.updated), deleted: per(p.cost.deleted), log: per(p.cost.log),
	}
	for {
		d, some, err := s.broker.Get(queue, true)
		if err != nil {
			b.Fatal(err)
		}
		if !some {
			return f
		}
		f.messages = append(f.messages, sample{d.Exchange, d.RoutingKey, amqp.Publishing{
			Headers: d.Headers, ContentType: d.ContentType, DeliveryMode: d.DeliveryMode, CorrelationId: d.CorrelationId,
			MessageId: d.MessageId, Timestamp: d.Timestamp, Type: d.Type, AppId: d.AppId, Body: d.Body,
		}})
	}
}

// compare prints the system beside its skeleton and the limit.
func (s *shop) compare(p, bones priced, limit bare) {
	row := table("", "sagas", "their skeletons", fmt.Sprintf("limit, %d sessions", limit.committers))
	all := func(what string, of func(cost) float64) {
		row(what, of(p.cost)/float64(p.placed), of(bones.cost)/float64(bones.placed), of(limit.cost)/limit.sagas)
	}
	row("a second", p.fulfilled, bones.fulfilled, limit.perSecond)
	all("transactions that change something", func(c cost) float64 { return float64(c.writes) })
	all("bytes written ahead", func(c cost) float64 { return float64(c.log) })
	row("messages delivered", float64(p.cost.handled)/float64(p.placed), perSaga, float64(limit.consumed)/limit.sagas)
	for _, name := range []string{postgreSQL, rabbitMQ, loadGenerator} {
		all(name+", ms", func(c cost) float64 { return float64(c.cpu[name].Microseconds()) / 1000 })
	}
	all("all programs, ms", func(c cost) float64 {
		return float64((c.total() - c.cpu[postgreSQL] - c.cpu[rabbitMQ]).Microseconds()) / 1000
	})
}

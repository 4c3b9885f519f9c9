package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/caarlos0/env/v11"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/lestrrat-go/jwx/v3/jwt"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"quadrille.dev/gateway/internal/cache"
	"quadrille.dev/gateway/internal/edge"
	"quadrille.dev/gateway/internal/execute"
	"quadrille.dev/gateway/internal/graph"
	"quadrille.dev/gateway/internal/graph/generated"
	"quadrille.dev/gateway/internal/links"
	"quadrille.dev/gateway/internal/live"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
)

// executor makes what executes operations by the resolvers and directives of a configuration. It counts by whom it has had them executed.
type executor func(generated.Config, prometheus.Registerer) graphql.ExecutableSchema

// stock is gqlgen's own executor. What it answers is right, because it is what the gateway always answered.
func stock(config generated.Config, _ prometheus.Registerer) graphql.ExecutableSchema {
	return generated.NewExecutableSchema(config)
}

// planned is the executor that is held against it.
func planned(config generated.Config, metrics prometheus.Registerer) graphql.ExecutableSchema {
	return generated.NewPlannedSchema(config, execute.NewMeter(metrics))
}

// oracle asks two executors the same, over the same resolvers and contexts, each behind an edge of its own.
type oracle struct {
	t testing.TB
	// faults are those of what is asked next.
	faults    *faults
	tokens    map[uuid.UUID]string
	hub       *live.Hub
	ordering  *ordering
	want, got http.Handler
	// metrics are those of the executor that is held against gqlgen's.
	metrics *prometheus.Registry
}

// newOracle holds an executor against gqlgen's. It is for one goroutine; of settings, "NAME=value", the gateway's count.
func newOracle(t testing.TB, held executor, settings ...string) *oracle {
	t.Helper()
	// Nothing that is cheap to refuse is refused for being too much, and nothing is kept from one operation for the next.
	environment := map[string]string{
		"AMQP_URL": "none", "JWKS_URL": "none", "SERVICE_CREDENTIAL": "gateway:secret", "RATE_LIMIT": "0", "OPERATOR_RATE_LIMIT": "0",
		"MAX_COST": "1e9", "MAX_ALIASES": "1000", "CACHE_ENTRIES": "0", "CACHE_UNHEARD_FOR": "0", "CACHE_STALE_FOR": "0",
		"TRACE_URL": "http://traces/{traceId}", "RABBITMQ_CONSOLE_URL": "http://queues",
	}
	for _, name := range []string{"CATALOG", "CUSTOMERS", "PRICING", "INVENTORY", "ORDERING", "BILLING", "FULFILLMENT", "CHRONICLE"} {
		environment[name+"_URL"] = "none"
	}
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		environment[name] = value
	}
	config, err := env.ParseAsWithOptions[Config](env.Options{Environment: environment})
	if err != nil {
		t.Fatal(err)
	}
	issuer := testkit.NewIssuer(t)
	o := &oracle{t: t, faults: &faults{}, tokens: map[uuid.UUID]string{}, ordering: newOrdering()}
	for _, principal := range principals[1:] {
		role := "CUSTOMER"
		if principal.who == olga {
			role = "OPERATOR"
		}
		o.tokens[principal.who] = issuer.Token(principal.who, []string{role}, func(token jwt.Token) error {
			return token.Set("email", "who@quadrille.test")
		}, lasting)
	}
	log := slog.New(slog.DiscardHandler)
	contexts := newUpstream(o.faults, o.ordering)
	o.hub = live.NewHub(contexts.Chronicle, contexts.Ordering, log)
	running, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- o.hub.Run(running) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	resolvers := faultyRoot{&graph.Resolver{
		Contexts: contexts, Goods: cache.New(config.Cache, contexts.Catalog, contexts.Pricing, contexts.Inventory, log),
		Live: o.hub, Stock: live.NewStock(contexts.Inventory, log),
		Links: links.New(config.Links, config.AMQPURL), Version: "1",
	}, o.faults}
	serves := func(by executor) (http.Handler, *prometheus.Registry) {
		metrics := prometheus.NewRegistry()
		schema := by(generated.Config{Resolvers: resolvers, Directives: graph.Directives()}, metrics)
		handler, err := edge.GraphQL(schema, serve.NewVerifier(issuer.URL, testkit.TokenIssuer, testkit.TokenAudience), config.Edge,
			edge.NewStreams(t.Context(), config.Edge.Streams, log, metrics), log, metrics)
		if err != nil {
			t.Fatal(err)
		}
		return handler, metrics
	}
	o.want, _ = serves(stock)
	o.got, o.metrics = serves(held)
	return o
}

// tell adds by whom operations were executed: by plans, or by gqlgen's executor with the reason why.
func (o *oracle) tell(executed map[string]int) {
	o.t.Helper()
	families, err := o.metrics.Gather()
	if err != nil {
		o.t.Error(err)
	}
	for _, family := range families {
		if family.GetName() != "quadrille_graphql_executed_total" {
			continue
		}
		for _, metric := range family.GetMetric() {
			by := metric.GetLabel()[0].GetValue()
			if reason := metric.GetLabel()[1].GetValue(); reason != "" {
				by += " because of " + reason
			}
			executed[by] += int(metric.GetCounter().GetValue())
		}
	}
}

// lasting tokens are good for longer than any test takes.
func lasting(token jwt.Token) error {
	return token.Set(jwt.ExpirationKey, time.Now().Add(24*time.Hour))
}

// askedOf is what is asked of an API, and by whom.
type askedOf struct {
	who       uuid.UUID
	document  string
	operation string
	variables map[string]any
	// form is what the client accepts; empty is one answer in JSON.
	form string
	// events is how many events of a stream are waited for, which must come or else the stream end; 0 is one.
	events int
	// raw is the body of the request, if it is not made of document, operation and variables.
	raw string
}

// The forms of answers beside plain JSON.
const (
	inParts  = "multipart/mixed"
	inEvents = "text/event-stream"
)

func (a askedOf) String() string {
	variables, _ := json.MarshalIndent(a.variables, "", "  ") // they were JSON already
	name := slices.IndexFunc(principals, func(p struct {
		name string
		who  uuid.UUID
	},
	) bool {
		return p.who == a.who
	})
	return fmt.Sprintf("as %s, operation %q, accepting %q\n%s\nvariables %s", principals[name].name, a.operation, a.form, a.document, variables)
}

// body is the request for what is asked.
func (a askedOf) body() string {
	if a.raw != "" {
		return a.raw
	}
	body, _ := json.Marshal(map[string]any{"query": a.document, "operationName": a.operation, "variables": a.variables}) // as above
	return string(body)
}

// differ asks both executors, and tells how the answers differ; it is empty if they are equal. answered is what gqlgen's answers.
func (o *oracle) differ(asked askedOf) (difference string, answered reply) {
	o.t.Helper()
	want := o.reply(o.want, asked)
	return want.differ(o.reply(o.got, asked)), want
}

func (o *oracle) reply(handler http.Handler, asked askedOf) reply {
	o.t.Helper()
	ctx, leave := context.WithCancel(o.t.Context())
	defer leave()
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", strings.NewReader(asked.body()))
	request.Header.Set("Content-Type", "application/json")
	if asked.who != uuid.Nil {
		request.Header.Set("Authorization", "Bearer "+o.tokens[asked.who])
	}
	if asked.form != "" {
		request.Header.Set("Accept", asked.form)
	}
	client := &client{httptest.NewRecorder(), leave, max(1, asked.events)}
	if strings.Contains(asked.document, "sagaChanged") {
		defer o.signal(ctx)()
	}
	handler.ServeHTTP(client, request)
	return read(client.Code, client.Header().Get("Content-Type"), max(1, asked.events), moments.ReplaceAllFunc(client.Body.Bytes(), pinned))
}

// signal says that a saga has changed as soon as there is somebody who follows all sagas, and only those before have left. It must be
// stopped.
func (o *oracle) signal(ctx context.Context) (stop func()) {
	await := func(followers int) {
		for o.hub.Followers() != followers && ctx.Err() == nil {
			runtime.Gosched()
		}
	}
	await(0)
	ctx, leave := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		await(1)
		o.hub.Signalled("saga.changed", fmt.Appendf(nil, `{"saga":%q,"sequence":1}`, id(3, 1)))
	}()
	return func() { leave(); <-done }
}

// client takes answers, and leaves when it has had as many events of a stream as it waits for.
type client struct {
	*httptest.ResponseRecorder
	leave func()
	waits int
}

func (c *client) Write(text []byte) (int, error) {
	if bytes.Contains(text, []byte("event: ")) {
		if c.waits--; c.waits == 0 {
			c.leave()
		}
	}
	return c.ResponseRecorder.Write(text)
}

// moments are those in answers. Whatever is later than what happened in the contexts is when the gateway has read something, which is
// different each time.
var moments = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"`)

func pinned(moment []byte) []byte {
	if string(moment[1:11]) > longAgo.AddDate(0, 0, 2).Format("2006-01-02") {
		return []byte(`"now"`)
	}
	return moment
}

// reply is an answer as it was sent.
type reply struct {
	status int
	form   string
	body   []byte
	// messages are one, unless the answer comes in parts or as a stream.
	messages []message
}

// message is an answer, or a part of one.
type message struct {
	// ID is that of an event.
	ID          string            `json:"-"`
	Data        json.RawMessage   `json:"data"`
	Errors      []json.RawMessage `json:"errors"`
	Extensions  json.RawMessage   `json:"extensions"`
	Path        json.RawMessage   `json:"path"`
	Label       string            `json:"label"`
	Incremental []message         `json:"incremental"`
}

// read takes an answer apart. Of a stream there are as many events as were waited for: it is up to luck whether there are more.
func read(status int, form string, waited int, body []byte) reply {
	answer := reply{status: status, body: body}
	add := func(text []byte, id string) {
		one := message{ID: id}
		if err := json.Unmarshal(text, &one); err != nil {
			one.Data = json.RawMessage(fmt.Sprintf("%v: %s", err, text))
		}
		if one.Incremental != nil {
			answer.messages = append(answer.messages, one.Incremental...)
			return
		}
		answer.messages = append(answer.messages, one)
	}
	form, parameters, _ := mime.ParseMediaType(form)
	switch answer.form = form; form {
	case inParts:
		reader := multipart.NewReader(bytes.NewReader(body), parameters["boundary"])
		for part, err := reader.NextPart(); err == nil; part, err = reader.NextPart() {
			text, _ := io.ReadAll(part) // it is in memory
			add(text, "")
		}
	case inEvents:
		answer.body = nil
		for _, event := range events.FindAllSubmatch(body, waited) {
			answer.body = append(answer.body, event[0]...)
			add(event[2], string(event[1]))
		}
	default:
		add(body, "")
	}
	return answer
}

// ownTrace is another for each request, if there is any.
var ownTrace = regexp.MustCompile(`,"traceId":"[0-9a-f]{32}"`)

var events = regexp.MustCompile(`(?:id: (.*)\n)?event: next\ndata: (.*)\n`)

// differ compares data byte by byte, and so with the order of its keys; errors as a set that may have the same error twice, because gqlgen
// adds errors as its goroutines come across them; the parts that come later in any order, for the same reason; and all else as it is.
func (r reply) differ(other reply) string {
	if r.status == other.status && bytes.Equal(r.body, other.body) {
		return ""
	}
	return cmp.Diff(r.comparable(), other.comparable())
}

func (r reply) comparable() []map[string]any {
	parts := []map[string]any{{"status": r.status}}
	for _, message := range r.messages {
		errors := make([]string, len(message.Errors))
		for i, err := range message.Errors {
			errors[i] = ownTrace.ReplaceAllString(string(err), "")
		}
		slices.Sort(errors)
		parts = append(parts, map[string]any{
			"data": string(message.Data), "errors": errors, "extensions": string(message.Extensions), "path": string(message.Path),
			"label": message.Label, "id": message.ID,
		})
	}
	if r.form == inParts {
		later := parts[min(2, len(parts)):]
		slices.SortFunc(later, func(a, b map[string]any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	return parts
}

// failed tells whether nothing was executed.
func (r reply) failed() bool { return len(r.messages) == 0 || len(r.messages[0].Data) == 0 }

// isWhole tells whether there are no errors.
func (r reply) isWhole() bool {
	return !slices.ContainsFunc(r.messages, func(m message) bool { return len(m.Errors) > 0 })
}

// disagreement is something that is answered differently.
type disagreement struct {
	what, difference string
	asked            askedOf
}

// disagree asks what so many seeds stand for, from a first one on, until it is answered differently; nil if it never is.
func (o *oracle) disagree(first uint64, seeds int) (found *disagreement, count count) {
	queries := newRandom(contract)
	for seed := first; seed < first+uint64(seeds); seed++ {
		asked := queries.ask(seed)
		for times := 1 + seed%2; times > 0; times-- {
			*o.faults = faultsBy(seed + times)
			if asked.form == inEvents {
				o.faults.calls, o.faults.missing = 0, 0 // a stream says nothing of contexts that do not answer, and waits for them
			}
			difference, answered := o.differ(asked)
			if difference != "" {
				return &disagreement{fmt.Sprintf("seed %d", seed), difference, asked}, count
			}
			count.add(answered)
			asked = queries.again(asked)
		}
		count.documents++
	}
	return nil, count
}

// explain says of a disagreement as little as is still answered differently.
func (o *oracle) explain(d disagreement) string {
	asked := o.shrunk(d.asked)
	if difference, _ := o.differ(asked); difference != "" {
		d.asked, d.difference = asked, difference
	} else {
		d.what += ", at times"
	}
	return fmt.Sprintf("%s (-gqlgen +planned):\n%s\nfaults %s\n%s", d.what, d.difference, o.faults, d.asked)
}

// contract is the client's API.
var contract = generated.NewExecutableSchema(generated.Config{}).Schema()

// count is how many random documents there were, how often they were asked, and how often nothing was executed, or all without an error, or not.
type count struct{ documents, asked, refused, whole, partial int }

func (c *count) add(answered reply) {
	c.asked++
	switch {
	case answered.failed() && answered.form != inEvents: // a stream that somebody may not have is one with an error alone
		c.refused++
	case answered.isWhole():
		c.whole++
	default:
		c.partial++
	}
}

func (c count) plus(other count) count {
	return count{
		c.documents + other.documents, c.asked + other.asked, c.refused + other.refused, c.whole + other.whole, c.partial + other.partial,
	}
}

// TestOracleAgreesOnRandomQueries asks what QUERIES seeds from SEED on stand for.
func TestOracleAgreesOnRandomQueries(t *testing.T) {
	const atOnce, progress = 100, 10_000
	queries, first := number(t, "QUERIES", 2000), number(t, "SEED", 1)
	t.Logf("QUERIES=%d SEED=%d", queries, first)
	var asking sync.WaitGroup
	var mu sync.Mutex
	next, executed := 0, map[string]int{}
	var sum count
	take := func(answered count) (from uint64, seeds int) {
		mu.Lock()
		defer mu.Unlock()
		sum = sum.plus(answered)
		if answered.documents > 0 && next%progress == 0 {
			t.Logf("about %d documents", next)
		}
		from, seeds = uint64(first+next), min(atOnce, queries-next)
		next += seeds
		return from, seeds
	}
	for range runtime.GOMAXPROCS(0) {
		o := newOracle(t, planned)
		asking.Go(func() {
			from, seeds := take(count{})
			for seeds > 0 && !t.Failed() {
				found, answered := o.disagree(from, seeds)
				if found != nil {
					t.Error(o.explain(*found))
				}
				from, seeds = take(answered)
			}
			mu.Lock()
			defer mu.Unlock()
			o.tell(executed)
		})
	}
	asking.Wait()
	t.Logf("%+v, executed by %v", sum, executed)
	if sum.refused*50 > sum.asked || sum.whole*4 < sum.asked || sum.partial*4 < sum.asked {
		t.Error("that is not a sample of what is asked and answered")
	}
}

// number is one of the environment.
func number(t *testing.T, name string, byDefault int) int {
	t.Helper()
	given := os.Getenv(name)
	if given == "" {
		return byDefault
	}
	number, err := strconv.Atoi(given)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return number
}

// mistaken is an executor whose answers are altered before they are sent.
type mistaken struct {
	graphql.ExecutableSchema
	alter func(*graphql.Response)
}

// Exec is for gqlgen.
func (m mistaken) Exec(ctx context.Context) graphql.ResponseHandler {
	answers := m.ExecutableSchema.Exec(ctx)
	return func(ctx context.Context) *graphql.Response {
		ctx = graphql.WithFreshResponseContext(ctx)
		response := answers(ctx)
		if response != nil {
			response.Errors = append(response.Errors, graphql.GetErrors(ctx)...)
			m.alter(response)
		}
		return response
	}
}

// altering has data match an expression altered, once.
func altering(expression, replacement string) func(*graphql.Response) {
	matching := regexp.MustCompile(expression)
	return func(response *graphql.Response) {
		if place := matching.FindSubmatchIndex(response.Data); place != nil {
			altered := matching.Expand(slices.Clone(response.Data[:place[0]]), []byte(replacement), response.Data, place)
			response.Data = append(altered, response.Data[place[1]:]...)
		}
	}
}

// erring has the last error altered, if there is one.
func erring(alter func(*gqlerror.Error)) func(*graphql.Response) {
	return func(response *graphql.Response) {
		if len(response.Errors) > 0 {
			alter(response.Errors[len(response.Errors)-1])
		}
	}
}

// TestOracleFindsMistakes holds that it would find what executors get wrong, soon, and that it finds nothing where nothing is wrong.
func TestOracleFindsMistakes(t *testing.T) {
	const soon = 300
	asking := func(t *testing.T, alter func(*graphql.Response)) *oracle {
		return newOracle(t, func(config generated.Config, _ prometheus.Registerer) graphql.ExecutableSchema {
			return mistaken{generated.NewExecutableSchema(config), alter}
		})
	}
	for name, alter := range map[string]func(*graphql.Response){
		"keys in another order":          altering(`\{("[^"]*":[^][,{}]*),("[^"]*":[^][,{}]*)([,}])`, "{$2,$1$3"),
		"a key too many":                 altering(`\{"`, `{"more":null,"`),
		"a key too few":                  altering(`\{"[^"]*":[^][,{}]*,`, "{"),
		"a value lost":                   altering(`":("[^"]*"|\d+|true|false)([,}])`, `":null$2`),
		"a null that stays where it is":  altering(`^null$`, "{}"),
		"an object that was to be null":  altering(`":null([,}])`, `":{}$1`),
		"an element lost":                altering(`\[[^][,{}]+,`, "["),
		"a number as a text":             altering(`":(\d+)([,}])`, `":"$1"$2`),
		"a text escaped in another way":  altering(`":"([^"\\]*)-`, `":"$1\u002d`),
		"a null that goes too far":       altering(`\{(.*":null.*)\}`, "null"),
		"an error lost":                  func(r *graphql.Response) { r.Errors = r.Errors[:max(0, len(r.Errors)-1)] },
		"an error twice":                 func(r *graphql.Response) { r.Errors = append(r.Errors, r.Errors[:min(1, len(r.Errors))]...) },
		"an error without a path":        erring(func(e *gqlerror.Error) { e.Path = nil }),
		"an error of the object above":   erring(func(e *gqlerror.Error) { e.Path = e.Path[:max(0, len(e.Path)-1)] }),
		"an error without a place":       erring(func(e *gqlerror.Error) { e.Locations = nil }),
		"an error with another message":  erring(func(e *gqlerror.Error) { e.Message += "!" }),
		"an error with another code":     erring(func(e *gqlerror.Error) { e.Extensions = map[string]any{"code": "OTHER"} }),
		"a context that is not to blame": erring(func(e *gqlerror.Error) { delete(e.Extensions, "context") }),
	} {
		t.Run(name, func(t *testing.T) {
			found, count := asking(t, alter).disagree(1, soon)
			if found == nil {
				t.Errorf("it is not found among %d documents", soon)
			}
			t.Logf("found after %d documents", count.documents)
		})
	}
	if found, _ := asking(t, func(*graphql.Response) {}).disagree(1, soon); found != nil {
		t.Errorf("found although there is none: %s", found.difference)
	}
}

// TestOracleCutsDownWhatItFinds has an executor get something wrong that takes an order's total, and nothing else.
func TestOracleCutsDownWhatItFinds(t *testing.T) {
	const most = 160
	o := newOracle(t, func(config generated.Config, _ prometheus.Registerer) graphql.ExecutableSchema {
		return mistaken{generated.NewExecutableSchema(config), altering(`"total":\{[^}]*\}`, `"total":null`)}
	})
	found, _ := o.disagree(1, 1000)
	if found == nil {
		t.Fatal("it is not found")
	}
	least := o.shrunk(found.asked)
	if len(least.document) > most || !strings.Contains(least.document, "total") {
		t.Errorf("cut down from %d bytes to %d: %s", len(found.asked.document), len(least.document), least)
	}
}

// TestOracleAgreesOnWhatIsKept has products, prices and availability kept, which are shared by all who ask then.
func TestOracleAgreesOnWhatIsKept(t *testing.T) {
	const documents = 300
	o := newOracle(t, planned, "CACHE_ENTRIES=1000", "CACHE_UNHEARD_FOR=1h")
	queries := newRandom(contract)
	for seed := range uint64(documents) {
		o.mustAgree(fmt.Sprintf("seed %d", seed), queries.ask(seed))
	}
}

// TestOracleAgreesWhenManyAskAtOnce has plans, buffers and reads shared by several who ask the same at the same time.
func TestOracleAgreesWhenManyAskAtOnce(t *testing.T) {
	const many, documents = 4, 150
	for seed := range uint64(3) {
		o := newOracle(t, planned)
		*o.faults = faultsBy(5 + 9*seed) // of all kinds
		var asking sync.WaitGroup
		for range many {
			asking.Go(func() {
				queries := newRandom(contract)
				for n := range uint64(documents) {
					asked := queries.ask(1000*seed + n)
					if asked.form == inEvents || strings.Contains(asked.document, "mutation") {
						continue // contexts remember what they were told last
					}
					if difference, _ := o.differ(asked); difference != "" {
						t.Errorf("%s\nfaults %s\n%s", difference, o.faults, asked)
						return
					}
				}
			})
		}
		asking.Wait()
	}
}

package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/proof/system"
)

// skeleton is the order saga with nothing in it, which shows what there is room for when every context is a program of its own and every
// fact waits for the one before: programs of the same names hear a real saga's own messages from the same topology and say what follows,
// byte for byte and confirmed, after one transaction for all that they have at hand, with as many rows and bytes as a saga has. What nobody
// waits for lingers until there are others, as long as the system has it linger. Billing and fulfillment ask the provider and the carrier
// over HTTP between two transactions, and orders come over HTTP through a gateway.
//
// Nothing is read, decoded or remembered: a message that comes twice would be answered twice, and one that a program had in hand when it was
// killed would be lost. There are no inbox and no outbox beside their rows, no prices, no ledgers, no signals, and nobody overhears.
type skeleton struct {
	stage
	gateway string
}

// acts is how many transactions there are of a saga in its skeleton when none is shared: for each message that is handled, for the order, and
// for the answers of provider and carrier.
const acts = perSaga + 1 + 2

// next is whom a program asks.
var next = map[string]string{"gateway": "ordering", "billing": "provider", "fulfillment": "carrier"}

func (s *shop) openSkeleton(b *testing.B, of footprint) *skeleton {
	b.Helper()
	of.commits = acts
	told := brief{
		AMQP: declared(b), Postgres: plainTable(b), Messages: map[string]amqp.Publishing{},
		Inserted: of.inserted / acts, Updated: of.updated / acts, Deleted: of.deleted / acts, Bytes: of.bytes(),
	}
	for _, m := range of.messages {
		told.Messages[m.key] = m.Publishing
	}
	urls := map[string]string{}
	for i, name := range []string{"provider", "carrier", "chronicle", "inventory", "billing", "fulfillment", "ordering", "gateway"} {
		told.Name, told.Next, told.Session = name, urls[next[name]], 2*i
		urls[name] = begin(b, told)
	}
	k := &skeleton{openStage(b, dial(b, told.AMQP), func(amqp.Delivery) time.Time { return time.Time{} }), urls["gateway"]}
	for name := range reactions {
		system.Await(b, time.Minute, name+" hears", func(context.Context) (consumers int, hears bool, err error) {
			queue, err := k.broker.QueueDeclarePassive(rabbit.InboxQueue(name), true, false, false, false, nil)
			return queue.Consumers, queue.Consumers > 0, err
		})
	}
	return k
}

// begin starts a program, which is this one as TestMain sees it, and answers its address. It ends with the benchmark, because its input does.
func begin(b *testing.B, told brief) string {
	b.Helper()
	text, err := json.Marshal(told)
	if err != nil {
		b.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	handed, err := listener.(*net.TCPListener).File()
	if err != nil {
		b.Fatal(err)
	}
	defer handed.Close()
	program := exec.CommandContext(context.WithoutCancel(b.Context()), os.Args[0])
	program.Env = append(os.Environ(), briefVariable+"="+string(text), "GOMAXPROCS=1")
	program.ExtraFiles, program.Stderr = []*os.File{handed}, os.Stderr
	input, err := program.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := program.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		input.Close()
		if err := program.Wait(); err != nil {
			b.Errorf("skeleton of %s: %v", told.Name, err)
		}
	})
	return "http://" + listener.Addr().String()
}

func (k *skeleton) place(b *testing.B, rate float64, lasting time.Duration) passage {
	b.Helper()
	return k.ask(b, rate, lasting, func(n int) func(context.Context) (sent, error) {
		order := sent{id: fmt.Sprintf("%.0f/%d/%d", rate, time.Now().UnixNano(), n)}
		return func(ctx context.Context) (sent, error) { return order, call(ctx, k.gateway, order.id) }
	})
}

// call asks for what an order needs, and has only a yes for an answer.
func call(ctx context.Context, url, order string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(order))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusNoContent {
		return fmt.Errorf("ask %s: %s", url, response.Status)
	}
	return nil
}

// rates is what the skeleton does at the highest rate at which it keeps up, found as that of the system.
func (k *skeleton) rates(b *testing.B, m *meter, first float64) priced {
	b.Helper()
	row := table("skeletons of sagas begun/s", "fulfilled/s", "not yet fulfilled", "messages in inboxes", "p50", "p99", "keeps up")
	tried := func(p passage) passage {
		row(p.rate, p.fulfilled, p.backlog, p.piled, quantile(p.heard, 50), quantile(p.heard, 99), p.verdict())
		k.rest(b)
		return p
	}
	return highest(first,
		func(rate float64) passage { return tried(k.place(b, rate, *step)) },
		func(rate float64) priced {
			before := m.read(b)
			p := tried(k.place(b, rate, *phase))
			return priced{p, m.read(b).since(before)}
		})
}

// rest returns when no message waits any more.
func (k *skeleton) rest(b *testing.B) {
	b.Helper()
	system.Await(b, time.Minute, "the skeleton rests", func(context.Context) (piled int, rests bool, err error) {
		piled = k.piled(b)
		return piled, piled == 0, nil
	})
}

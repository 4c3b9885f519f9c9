package rabbit_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
)

// look asks the management API about a test's virtual host: "/api/queues" + vhost + rest.
func look(t *testing.T, amqpURL, what, rest string, answer any) {
	t.Helper()
	testkit.Look(t, "/api/"+what+vhost(t, amqpURL)+rest, answer)
}

func TestAQueueDoesByPolicyWhatAPolicyCanSay(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	importDefinitions(t, amqpURL)
	for queue, want := range map[string]struct{ arguments, policy map[string]any }{
		"inventory.inbox": {
			map[string]any{"x-queue-type": "quorum", "x-delivery-limit": 100_000.},
			map[string]any{
				"delivery-limit": 100_000., "dead-letter-exchange": "inventory.dead", "dead-letter-strategy": "at-least-once",
				"overflow": "reject-publish",
			},
		},
		"inventory.dead": {
			map[string]any{"x-queue-type": "quorum", "x-delivery-limit": 100_000.},
			map[string]any{"delivery-limit": 100_000.},
		},
		"chronicle.stream": {
			map[string]any{"x-queue-type": "stream", "x-stream-max-segment-size-bytes": 500_000.},
			map[string]any{"max-age": "7D"},
		},
		"operator.recent": {
			map[string]any{"x-queue-type": "classic"},
			map[string]any{"max-length": 1_000., "overflow": "drop-head"},
		},
	} {
		got := ruledBy(t, amqpURL, queue)
		if diff := cmp.Diff(want.arguments, got.Arguments); diff != "" {
			t.Errorf("%s: arguments\n%s", queue, diff)
		}
		if diff := cmp.Diff(want.policy, got.Effective); diff != "" {
			t.Errorf("%s: policy\n%s", queue, diff)
		}
	}
}

type ruled struct {
	Arguments map[string]any `json:"arguments"`
	Policy    string         `json:"policy"`
	Effective map[string]any `json:"effective_policy_definition"`
}

// ruledBy answers how a queue is ruled, once the management API knows that its own policy does.
func ruledBy(t *testing.T, amqpURL, queue string) ruled {
	t.Helper()
	var q ruled
	eventually(t, queue+" is ruled by its policy", func() bool {
		look(t, amqpURL, "queues", "/"+queue, &q)
		return q.Policy == queue
	})
	return q
}

// declareFormerly declares the queues of a context as they were before there were policies.
func declareFormerly(t *testing.T, amqpURL, context string) {
	t.Helper()
	conn, err := amqp.Dial(amqpURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range rabbit.TopologyOf(context, nil).Queues {
		arguments := q.Former
		if arguments == nil {
			arguments = q.Arguments
		}
		if _, err := ch.QueueDeclare(q.Name, true, false, false, false, arguments); err != nil {
			t.Fatal(err)
		}
	}
}

func TestABrokerThatWasSetUpBeforeGetsPoliciesToo(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	for _, context := range []string{"inventory", "chronicle"} {
		declareFormerly(t, amqpURL, context)
	}
	urlOf := importDefinitions(t, amqpURL)
	got := consume(t, open(t, urlOf("inventory"), "inventory"), "ordering.order.placed")
	recorded := consume(t, open(t, urlOf("chronicle"), "chronicle"), "#")
	e, body := placed(1)
	ordering := publisher(t, open(t, urlOf("ordering"), "ordering"))
	eventually(t, "the fact is routed", func() bool { return publish(t, ordering, e, body) == "" })
	receive(t, got, "fact")
	receive(t, recorded, "recorded fact")
	for _, queue := range []string{"inventory.inbox", "inventory.dead", "chronicle.stream", "operator.recent"} {
		ruledBy(t, amqpURL, queue)
	}
}

// A consumer never rejects; if it did, or came to the limit of deliveries, the policy has the message go to the dead letters.
func TestThePolicyOfAnInboxLeadsToItsDeadLetters(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	urlOf := importDefinitions(t, amqpURL)
	e, body := placed(1)
	publish(t, publisher(t, open(t, urlOf("ordering"), "ordering")), e, body)
	conn, err := amqp.Dial(urlOf("inventory"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	message, ok, err := ch.Get("inventory.inbox", false)
	if err != nil || !ok {
		t.Fatalf("got %t, %v", ok, err)
	}
	if err := message.Reject(false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the fact is among the dead letters", func() bool { return inspect(t, amqpURL, "inventory.dead").Messages == 1 })
}

// lines are what a log says.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	select {
	case l <- string(line):
	default:
	}
	return len(line), nil
}

func TestAQueueThatIsSomethingElseIsNotTaken(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	conn, err := amqp.Dial(amqpURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ch.QueueDeclare("inventory.inbox", true, false, false, false, amqp.Table{"x-queue-type": "classic"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	refused := make(lines, 100)
	broker := rabbit.New(rabbit.Config{URL: amqpURL, Name: "inventory", Log: slog.New(slog.NewTextHandler(refused, nil))})
	t.Cleanup(broker.Close)
	go func() { _, _ = broker.Publisher(ctx, 1) }()
	if warning := receive(t, (<-chan string)(refused), "warning"); !strings.Contains(warning, "PRECONDITION_FAILED") {
		t.Errorf("warned of %s", warning)
	}
}

func TestAContextSeesThatItsPoliciesAreMissing(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	inventory := open(t, amqpURL, "inventory")
	publisher(t, inventory)
	lacks := func(want ...string) func() bool {
		return func() bool {
			lacking, err := inventory.Unruled(t.Context())
			return err == nil && slices.Equal(lacking, want)
		}
	}
	nothing := lacks()
	all := lacks(
		"inventory.inbox has no dead-letter-exchange", "inventory.inbox has no dead-letter-strategy", "inventory.inbox has no overflow",
	)
	eventually(t, "policies are missing on a broker that nobody has set up", all)
	importDefinitions(t, amqpURL)
	eventually(t, "nothing is missing with policies", nothing)
	testkit.Manage(t, http.MethodDelete, "/api/policies"+vhost(t, amqpURL)+"/inventory.inbox", "")
	eventually(t, "a policy is missed that somebody has removed", all)
}

// A context may look at its queues, and set no policy: it could rule those of others.
func TestAContextSetsNoPolicy(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	user, err := url.Parse(importDefinitions(t, amqpURL)("inventory"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(rabbit.TopologyOf("ordering", nil).Policies[0])
	if err != nil {
		t.Fatal(err)
	}
	status, answer := testkit.ManageAs(t, user.User, http.MethodPut, "/api/policies"+vhost(t, amqpURL)+"/ordering.dead", string(body))
	if status != http.StatusUnauthorized {
		t.Errorf("answered %d %s", status, answer)
	}
}

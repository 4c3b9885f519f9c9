package rabbit_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
)

var system = map[string]rabbit.Member{
	"inventory": {Facts: []string{"ordering.order.placed"}},
	"ordering":  {Facts: []string{"inventory.stock.deducted"}},
	"chronicle": {Facts: []string{"ordering.order.placed"}},
	"gateway":   {Signals: []string{"chronicle"}, ListensOnly: true},
}

// importDefinitions loads definitions into the test's virtual host, under users whose names are the members' and a suffix.
func importDefinitions(t *testing.T, amqpURL string) (urlOf func(member string) string) {
	t.Helper()
	suffix := "." + uuid.NewString()
	d := rabbit.Define(strings.TrimPrefix(vhost(t, amqpURL), "/"), system)
	for i, p := range d.Permissions {
		tag := "management"
		if p.User == rabbit.Operator {
			tag = "monitoring"
		}
		d.Users = append(d.Users, rabbit.NewUser(p.User+suffix, "secret of "+p.User, tag))
		d.Permissions[i].User = p.User + suffix
	}
	body, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	testkit.Manage(t, http.MethodPost, "/api/definitions", string(body))
	t.Cleanup(func() {
		for _, u := range d.Users {
			testkit.Manage(t, http.MethodDelete, "/api/users/"+u.Name, "")
		}
	})
	return func(member string) string {
		u, err := url.Parse(amqpURL)
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.UserPassword(member+suffix, "secret of "+member)
		return u.String()
	}
}

// What is imported must be what the members declare: a difference would close their channels.
func TestEveryMemberWorksWithItsRightsOnImportedDefinitions(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	urlOf := importDefinitions(t, amqpURL)
	ordering := publisher(t, open(t, urlOf("ordering"), "ordering"))
	e, body := placed(1)
	if reason := publish(t, ordering, e, body); reason != "" {
		t.Errorf("the first fact is lost to its consumers: %s", reason)
	}
	got := consume(t, open(t, urlOf("inventory"), "inventory"), "ordering.order.placed")
	if receive(t, got, "fact").ID != e.ID {
		t.Error("another fact came")
	}
	recorded := consume(t, open(t, urlOf("chronicle"), "chronicle"), "ordering.order.placed")
	receive(t, recorded, "recorded fact")
	signals, connected := listen(t, open(t, urlOf("gateway"), "gateway"), "chronicle", "#")
	receive(t, connected, "connection")
	open(t, urlOf("chronicle"), "chronicle").Signal(t.Context(), "saga.changed", 1)
	receive(t, signals, "signal")
}

func TestAMemberMayNotTouchWhatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	urlOf := importDefinitions(t, testkit.RabbitMQ(t))
	for name, c := range map[string]struct {
		member string
		try    func(ch *amqp.Channel) error
	}{
		"publish in another's name": {"inventory", func(ch *amqp.Channel) error {
			_ = ch.Publish("ordering.events", "order.placed.v1", false, false, amqp.Publishing{})
			return ch.Qos(1, 0, false)
		}},
		"put a message into another's inbox": {"inventory", func(ch *amqp.Channel) error {
			_ = ch.Publish("", "ordering.inbox", false, false, amqp.Publishing{})
			return ch.Qos(1, 0, false)
		}},
		"take from another's inbox": {"inventory", func(ch *amqp.Channel) error {
			_, _, err := ch.Get("ordering.inbox", false)
			return err
		}},
		"peek into an inbox": {rabbit.Operator, func(ch *amqp.Channel) error {
			_, _, err := ch.Get("inventory.inbox", false)
			return err
		}},
		"delete what operators look into": {rabbit.Operator, func(ch *amqp.Channel) error {
			_, err := ch.QueueDelete("operator.recent", false, false, false)
			return err
		}},
		"listen to facts": {"gateway", func(ch *amqp.Channel) error {
			q, err := ch.QueueDeclare("gateway.signal.x", false, true, true, false, nil)
			if err != nil {
				return errors.New("may not even have a queue")
			}
			return ch.QueueBind(q.Name, "#", "ordering.events", false, nil)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := amqp.Dial(urlOf(c.member))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			ch, err := conn.Channel()
			if err != nil {
				t.Fatal(err)
			}
			closed := ch.NotifyClose(make(chan *amqp.Error, 1))
			err = c.try(ch)
			if errors.Is(err, amqp.ErrClosed) { // The broker was quicker than the next request.
				err = <-closed
			}
			if err == nil || !strings.Contains(err.Error(), "ACCESS_REFUSED") {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestOperatorsLookIntoRecentFacts(t *testing.T) {
	t.Parallel()
	amqpURL := testkit.RabbitMQ(t)
	urlOf := importDefinitions(t, amqpURL)
	ordering := publisher(t, open(t, urlOf("ordering"), "ordering"))
	personal, body := placed(1)
	publish(t, ordering, personal, body)
	e := event.New(t.Context(), event.Fact{Name: "ordering.order.fulfilled", Version: 1, Subject: "o", Sequence: 2, CorrelationID: "o", OrderNumber: "Q-00000001", At: time.Now()})
	publish(t, ordering, e, body)
	conn, err := amqp.Dial(urlOf(rabbit.Operator))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	message, ok, err := ch.Get("operator.recent", false)
	if err != nil || !ok || message.MessageId != e.ID.String() {
		t.Errorf("got %t %s, %v", ok, message.MessageId, err)
	}
	read := []any{message.Type, message.AppId, message.CorrelationId, message.ContentType, message.Headers["order-number"]}
	want := []any{"quadrille.ordering.order.fulfilled", "ordering", "o", "application/cloudevents+json", "Q-00000001"}
	if diff := cmp.Diff(want, read); diff != "" {
		t.Errorf("read:\n%s", diff)
	}
}

package provision_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/stack/internal/provision"
	"quadrille.dev/stack/local"
)

func TestEveryMemberReachesTheVirtualHost(t *testing.T) {
	t.Parallel()
	prefix := "test_" + strings.ToLower(rand.Text()[:12]) + "_"
	node := provision.RabbitMQ{
		URL: testkit.RabbitMQ(t), ManagementURL: testkit.RabbitMQManagement(t), VHost: prefix + "quadrille", Prefix: prefix,
	}
	members := local.Members()
	t.Cleanup(func() {
		if err := node.Drop(context.Background(), members); err != nil {
			t.Error(err)
		}
	})
	secret := func(name string) string { return "the secret of " + name }
	if _, err := node.Users(t.Context(), members, secret); err != nil {
		t.Fatal(err)
	}
	// A second run finds all of it there.
	access, err := node.Users(t.Context(), members, secret)
	if err != nil {
		t.Fatal(err)
	}
	if len(access) != len(rabbit.Contexts)+1 {
		t.Errorf("%d members: the contexts and the gateway were expected", len(access))
	}
	for name, reach := range access {
		checkAccess(t, name, reach, prefix)
	}
}

func checkAccess(t *testing.T, name string, reach provision.Access, prefix string) {
	t.Helper()
	conn, err := amqp.Dial(reach.AMQPURL)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	defer conn.Close()
	channel, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	if name == "gateway" {
		return // it has neither an inbox nor a relay
	}
	if _, err := channel.QueueDeclarePassive(rabbit.InboxQueue(name), true, false, false, false, nil); err != nil {
		t.Errorf("%s and its inbox: %v", name, err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, reach.ManagementURL+"/api/bindings/"+prefix+"quadrille", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("%s asks for bindings: %s", name, response.Status)
	}
}

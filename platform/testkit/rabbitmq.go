package testkit

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// RabbitMQ creates a virtual host of the test's own and answers its AMQP URL; it is deleted when the test ends. The server is
// named by TEST_AMQP_URL and TEST_RABBITMQ_MANAGEMENT_URL, which `make test` sets to one that it starts.
func RabbitMQ(t testing.TB) string {
	t.Helper()
	amqp, err := url.Parse(server(t, "TEST_AMQP_URL"))
	if err != nil {
		t.Fatalf("read TEST_AMQP_URL: %v", err)
	}
	vhost := "test_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	Manage(t, http.MethodPut, "/api/vhosts/"+vhost, "")
	t.Cleanup(func() { Manage(t, http.MethodDelete, "/api/vhosts/"+vhost, "") })
	Manage(t, http.MethodPut, "/api/permissions/"+vhost+"/"+amqp.User.Username(), `{"configure":".*","write":".*","read":".*"}`)
	amqp.Path = "/" + vhost
	return amqp.String()
}

// RabbitMQManagement is the URL of the management API.
func RabbitMQManagement(t testing.TB) string {
	t.Helper()
	return strings.TrimSuffix(server(t, "TEST_RABBITMQ_MANAGEMENT_URL"), "/")
}

// Manage asks the management API for something that has to work.
func Manage(t testing.TB, method, path, body string) {
	t.Helper()
	request, err := http.NewRequest(method, RabbitMQManagement(t)+path, strings.NewReader(body))
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		t.Fatalf("%s %s: %s", method, path, response.Status)
	}
}

func server(t testing.TB, variable string) string {
	t.Helper()
	value := os.Getenv(variable)
	if value == "" {
		t.Fatalf("%s is not set: run the tests through `make test`, which starts PostgreSQL and RabbitMQ for them", variable)
	}
	return value
}

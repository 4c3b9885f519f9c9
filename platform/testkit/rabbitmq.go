package testkit

import (
	"context"
	"encoding/json"
	"io"
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
	manage(t, method, path, body, nil)
}

// CutConnections closes the connections to a virtual host whose name ends in role, such as "publisher", and answers how many
// there were. A connection that was opened just now may not be known yet.
func CutConnections(t testing.TB, amqpURL, role string) int {
	t.Helper()
	var connections []struct {
		Name       string `json:"name"`
		Properties struct {
			Name string `json:"connection_name"`
		} `json:"client_properties"`
	}
	manage(t, http.MethodGet, "/api/vhosts"+amqpURL[strings.LastIndex(amqpURL, "/"):]+"/connections", "", &connections)
	cut := 0
	for _, c := range connections {
		if strings.HasSuffix(c.Properties.Name, " "+role) {
			Manage(t, http.MethodDelete, "/api/connections/"+url.PathEscape(c.Name), "")
			cut++
		}
	}
	return cut
}

// Look reads what the management API answers about something that has to be there.
func Look(t testing.TB, path string, answer any) {
	t.Helper()
	manage(t, http.MethodGet, path, "", answer)
}

// ManageAs asks the management API for something in a user's name.
func ManageAs(t testing.TB, user *url.Userinfo, method, path, body string) (status int, answer []byte) {
	t.Helper()
	api, err := url.Parse(RabbitMQManagement(t))
	if err != nil {
		t.Fatalf("read TEST_RABBITMQ_MANAGEMENT_URL: %v", err)
	}
	api.User = user
	// Also what a test cleans up has to be done, when the test's own context has ended.
	request, err := http.NewRequestWithContext(context.Background(), method, api.String()+path, strings.NewReader(body))
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	if answer, err = io.ReadAll(response.Body); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return response.StatusCode, answer
}

// manage reads the answer into answer, unless that is nil.
func manage(t testing.TB, method, path, body string, answer any) {
	t.Helper()
	administrator, err := url.Parse(RabbitMQManagement(t))
	if err != nil {
		t.Fatalf("read TEST_RABBITMQ_MANAGEMENT_URL: %v", err)
	}
	status, text := ManageAs(t, administrator.User, method, path, body)
	if status >= http.StatusMultipleChoices {
		t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	if answer == nil {
		return
	}
	if err := json.Unmarshal(text, answer); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
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

package provision

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"quadrille.dev/platform/rabbit"
)

// RabbitMQ is a node in which users and a virtual host are made.
type RabbitMQ struct {
	// URL and ManagementURL are an administrator's.
	URL, ManagementURL string
	// VHost is the virtual host that is made.
	VHost string
	// Prefix is put before the names of users, so that stacks can share a node.
	Prefix string
}

// Access is how a user reaches the virtual host.
type Access struct{ AMQPURL, ManagementURL string }

// Users makes the virtual host with its topology, and a user for each member, and answers how they reach it. The operator is made
// too.
func (r RabbitMQ) Users(ctx context.Context, members map[string]rabbit.Member, password func(user string) string) (map[string]Access, error) {
	definitions := Definitions(r.VHost, members, password)
	for i := range definitions.Users {
		definitions.Users[i].Name = r.Prefix + definitions.Users[i].Name
	}
	for i := range definitions.Permissions {
		definitions.Permissions[i].User = r.Prefix + definitions.Permissions[i].User
	}
	// Whoever makes a virtual host in this way gets all rights in it, which a restore needs.
	if err := r.ask(ctx, http.MethodPut, "/api/vhosts/"+url.PathEscape(r.VHost), definitions.VHosts[0]); err != nil {
		return nil, err
	}
	if err := r.ask(ctx, http.MethodPost, "/api/definitions", definitions); err != nil {
		return nil, err
	}
	access := map[string]Access{}
	for name := range maps.Keys(members) {
		var err error
		if access[name], err = r.accessOf(r.Prefix+name, password(name)); err != nil {
			return nil, err
		}
	}
	return access, nil
}

// Definitions are topology, users and rights of the members and the operator.
func Definitions(vhost string, members map[string]rabbit.Member, password func(user string) string) rabbit.Definitions {
	definitions := rabbit.Define(vhost, members)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		var tags []string
		if !members[name].ListensOnly {
			tags = append(tags, "management") // a relay looks at its bindings
		}
		definitions.Users = append(definitions.Users, rabbit.NewUser(name, password(name), tags...))
	}
	definitions.Users = append(definitions.Users, rabbit.NewUser(rabbit.Operator, password(rabbit.Operator), "monitoring"))
	return definitions
}

// Drop removes the virtual host and the users.
func (r RabbitMQ) Drop(ctx context.Context, members map[string]rabbit.Member) error {
	if err := r.ask(ctx, http.MethodDelete, "/api/vhosts/"+url.PathEscape(r.VHost), nil); err != nil {
		return err
	}
	for _, name := range append(slices.Sorted(maps.Keys(members)), rabbit.Operator) {
		if err := r.ask(ctx, http.MethodDelete, "/api/users/"+url.PathEscape(r.Prefix+name), nil); err != nil {
			return err
		}
	}
	return nil
}

func (r RabbitMQ) accessOf(user, password string) (Access, error) {
	amqp, err := url.Parse(r.URL)
	if err != nil {
		return Access{}, fmt.Errorf("read the URL of RabbitMQ: %w", err)
	}
	management, err := url.Parse(r.ManagementURL)
	if err != nil {
		return Access{}, fmt.Errorf("read the URL of RabbitMQ's management: %w", err)
	}
	amqp.User, amqp.Path = url.UserPassword(user, password), "/"+r.VHost
	management.User = url.UserPassword(user, password)
	return Access{AMQPURL: amqp.String(), ManagementURL: management.String()}, nil
}

// ask asks the management API for something; deleting what is not there succeeds.
func (r RabbitMQ) ask(ctx context.Context, method, path string, body any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("set up RabbitMQ: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(r.ManagementURL, "/")+path, bytes.NewReader(encoded))
	if err != nil {
		return fmt.Errorf("set up RabbitMQ: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("set up RabbitMQ: %w", err)
	}
	defer response.Body.Close()
	gone := method == http.MethodDelete && response.StatusCode == http.StatusNotFound
	if response.StatusCode >= http.StatusMultipleChoices && !gone {
		reason, _ := io.ReadAll(io.LimitReader(response.Body, 1_000)) // the status says enough if the reason does not come
		return fmt.Errorf("set up RabbitMQ: %s %s answers %s: %s", method, path, response.Status, reason)
	}
	return nil
}

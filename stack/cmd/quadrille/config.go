package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"quadrille.dev/stack/internal/server"
	"quadrille.dev/stack/local"
)

const (
	vhost = "quadrille"
	// foreignPrefix marks databases, roles and users on servers that others use too.
	foreignPrefix = "quadrille_"
)

// config is how the stack runs on the servers that have been started or found.
func (u *upper) config() (local.Config, error) {
	listen, err := u.gatewayListen()
	if err != nil {
		return local.Config{}, err
	}
	private := u.servers.postgres != nil && u.servers.node != nil
	config := local.Config{
		Bin: u.home.Bin(), Dir: u.home.Dir, Logs: u.home.Logs(),
		PostgresURL: u.servers.postgresURL, AMQPURL: u.servers.amqpURL, ManagementURL: u.servers.managementURL,
		Private: u.servers.postgres != nil, VHost: vhost, Secret: u.secrets.Of, GatewayListen: listen,
		Settings: chosenByPeople(), Environment: inherited(),
		Warn: func(line string) { u.say("%s", line) }, Started: u.started,
	}
	if !private {
		config.Prefix = foreignPrefix
	}
	return config, nil
}

// gatewayListen is what LISTEN says, else port 8080 or a free one of this machine alone.
func (u *upper) gatewayListen() (string, error) {
	if listen := os.Getenv("LISTEN"); listen != "" {
		return listen, nil
	}
	port, err := server.PreferredPort(8080)
	if err == nil && port != 8080 {
		u.say("port 8080 is taken: the gateway listens on %d", port)
	}
	return fmt.Sprintf("127.0.0.1:%d", port), err
}

// ours are the settings that mean something else to this command, or are nobody else's business.
var ours = []string{"DATABASE_URL", "AMQP_URL", "RABBITMQ_MANAGEMENT_URL", "LISTEN"}

// inherited is the environment that programs inherit.
func inherited() []string {
	var kept []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if !slices.Contains(ours, name) {
			kept = append(kept, entry)
		}
	}
	return kept
}

// chosenByPeople are settings that the stack has a value for, which people may choose another for.
func chosenByPeople() map[string]map[string]string {
	chosen := map[string]string{}
	for _, name := range []string{"CONSOLE_URL", "JWKS_URL", "LOG_FORMAT"} {
		if value := os.Getenv(name); value != "" {
			chosen[name] = value
		}
	}
	return map[string]map[string]string{"": chosen}
}

package main

import (
	"fmt"
	"net/url"
	"path/filepath"
)

// announce tells where everything is.
func (u *upper) announce() {
	gateway := u.stack.URL("gateway")
	u.say("ready")
	rows := [][2]string{
		{"Start here", gateway + "/"},
		{"GraphQL", gateway + "/graphql"},
		{"Playground", gateway + "/playground"},
		{"RabbitMQ", fmt.Sprintf("%s  as operator, password %s", origin(u.servers.managementURL), u.secrets.Of("amqp/operator"))},
		{"PostgreSQL", origin(u.servers.postgresURL) + "  a database and a role for each context"},
		{"Provider", u.stack.URL("provider") + "/v1/ledger?order_id=…"},
		{"Carrier", u.stack.URL("carrier") + "/ledger?orderId=…"},
		{"Logs", u.home.Logs()},
		{"Passwords", filepath.Join(u.home.Dir, "secrets.json")},
		{"Accounts", "ada@quadrille.test (STANDARD), grace@quadrille.test (VIP), olga@quadrille.test (OPERATOR); password quadrille"},
	}
	fmt.Println()
	for _, row := range rows {
		fmt.Printf("  %-12s %s\n", row[0], row[1])
	}
	fmt.Println("\nCtrl-C stops all of it; the data is kept. `make reset` forgets it.")
}

// origin is a URL without user, path and settings.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Scheme + "://" + u.Host
}

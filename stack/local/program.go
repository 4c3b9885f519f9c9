// Package local runs the whole of Quadrille on this machine: for people, through the command quadrille, and for tests.
package local

import (
	"slices"
	"strings"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/schema"
)

// Program is one of the programs that make up the system, and what it needs of the others.
type Program struct {
	Name string
	// Package is the directory of its main package, from the root of the repository.
	Package string
	// Context is set for a bounded context: it has a database, and publishes.
	Context bool
	// Calls are the programs whose URLs it is given, and which trust its credential.
	Calls []string
	// Listens are the contexts whose signals it listens to.
	Listens []string
	// Overhears are the contexts to whose facts it listens without an inbox; none of these carries personal data.
	Overhears []string
	// Replays is set for a context that builds a read side again from the stream of all facts.
	Replays bool
	// Recalls is set for a context that takes up again what it told before its database was restored from a backup.
	Recalls bool
	// Settings are what else its environment says.
	Settings map[string]string
	// Busy is set for a program that has work for all processors. The others wait for servers most of the time, and for each other: they get
	// a share of the processors, and spend less on waking threads.
	Busy bool
	// Ledger is set for a program that keeps a file of its own.
	Ledger bool
}

// Programs lists the programs in an order in which each comes after those that it calls, as far as that is possible.
var Programs = []Program{
	{Name: "provider", Package: "stack/cmd/provider", Ledger: true},
	{Name: "carrier", Package: "stack/cmd/carrier", Ledger: true},
	boundedContext("catalog", Program{}),
	boundedContext("customers", Program{Busy: true, Settings: map[string]string{"SEED_DEMO_ACCOUNTS": "true"}}),
	boundedContext("pricing", Program{}),
	boundedContext("inventory", Program{Recalls: true}),
	boundedContext("ordering", Program{
		Calls: []string{"catalog", "customers", "pricing", "inventory", "chronicle"}, Listens: []string{"pricing"}, Replays: true, Recalls: true,
	}),
	boundedContext("billing", Program{Calls: []string{"provider", "customers"}, Recalls: true}),
	boundedContext("fulfillment", Program{Calls: []string{"carrier"}, Recalls: true}),
	boundedContext("chronicle", Program{}),
	{
		Name: "gateway", Package: "gateway/cmd/gateway", Busy: true, Calls: rabbit.Contexts, Listens: []string{"chronicle", "inventory"},
		Overhears: []string{"catalog", "pricing", "inventory"},
	},
}

func boundedContext(name string, p Program) Program {
	p.Name, p.Package, p.Context = name, "services/"+name+"/cmd/"+name, true
	return p
}

// speaks tells whether the program connects to RabbitMQ.
func (p Program) speaks() bool { return p.Context || len(p.Listens) > 0 }

// member is the program's part in the messaging.
func (p Program) member(facts map[string][]string) rabbit.Member {
	return rabbit.Member{Facts: facts[p.Name], Signals: p.Listens, Overhears: p.Overhears, Replays: p.Replays, ListensOnly: !p.Context}
}

// Members are the parts of all programs in the messaging, by name.
func Members() map[string]rabbit.Member {
	facts := rabbit.FactsOf(schema.Consumers())
	members := map[string]rabbit.Member{}
	for _, p := range Programs {
		if p.speaks() {
			members[p.Name] = p.member(facts)
		}
	}
	return members
}

// callersOf lists the programs that call another with credentials of their own.
func callersOf(callee string) []string {
	var callers []string
	for _, p := range Programs {
		if slices.Contains(p.Calls, callee) {
			callers = append(callers, p.Name)
		}
	}
	return callers
}

func contextNames() []string {
	var names []string
	for _, p := range Programs {
		if p.Context {
			names = append(names, p.Name)
		}
	}
	return names
}

// urlVariable is the setting that holds the URL of a program.
func urlVariable(program string) string { return strings.ToUpper(program) + "_URL" }

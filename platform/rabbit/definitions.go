package rabbit

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"strings"

	"quadrille.dev/schema"
)

// Operator is the user that may look into recent facts, and do nothing else.
const Operator = "operator"

// Member is one program's part in the messaging.
type Member struct {
	// Facts are what a context consumes: "ordering.order.placed", or "#".
	Facts []string
	// Signals are the contexts whose signals the program listens to.
	Signals []string
	// Overhears are the contexts to whose facts the program listens without an inbox.
	Overhears []string
	// Replays is set for a context that builds a read side again from the stream of all facts.
	Replays bool
	// ListensOnly is set for a program that is no context: it has no exchanges and no inbox.
	ListensOnly bool
}

// Definitions are the topology and the rights of a whole system in the format that RabbitMQ imports and exports.
type Definitions struct {
	VHosts      []VHost             `json:"vhosts"`
	Users       []User              `json:"users"`
	Permissions []Permission        `json:"permissions"`
	Exchanges   []definedExchange   `json:"exchanges"`
	Queues      []definedQueue      `json:"queues"`
	Bindings    []definedBinding    `json:"bindings"`
	Parameters  []map[string]string `json:"parameters"`
	Policies    []definedPolicy     `json:"policies"`
}

// VHost is a virtual host. Metadata repeats the description for RabbitMQ 4.
type VHost struct {
	Name        string        `json:"name"`
	Description string        `json:"description"`
	Metadata    vhostMetadata `json:"metadata"`
}

type vhostMetadata struct {
	Description string `json:"description"`
}

// description is what people read of the virtual host.
const description = "Quadrille: facts, commands and signals of all contexts"

// User is a user as RabbitMQ stores it.
type User struct {
	Name             string   `json:"name"`
	PasswordHash     string   `json:"password_hash"`
	HashingAlgorithm string   `json:"hashing_algorithm"`
	Tags             []string `json:"tags"`
}

// Permission is what a user may do in a virtual host, by regular expressions of names.
type Permission struct {
	User      string `json:"user"`
	VHost     string `json:"vhost"`
	Configure string `json:"configure"`
	Write     string `json:"write"`
	Read      string `json:"read"`
}

type definedExchange struct {
	Exchange
	VHost      string         `json:"vhost"`
	Durable    bool           `json:"durable"`
	AutoDelete bool           `json:"auto_delete"`
	Internal   bool           `json:"internal"`
	Arguments  map[string]any `json:"arguments"`
}

type definedQueue struct {
	Queue
	VHost      string `json:"vhost"`
	Durable    bool   `json:"durable"`
	AutoDelete bool   `json:"auto_delete"`
}

type definedPolicy struct {
	Policy
	VHost string `json:"vhost"`
}

type definedBinding struct {
	Binding
	VHost           string         `json:"vhost"`
	DestinationType string         `json:"destination_type"`
	Arguments       map[string]any `json:"arguments"`
}

// Define computes the definitions of a system from the parts of its members, by name, without users. But for policies and rights, it is
// what the contexts declare themselves when they connect, so that both ways lead to the same.
func Define(vhost string, members map[string]Member) Definitions {
	d := Definitions{
		VHosts:      []VHost{{vhost, description, vhostMetadata{description}}},
		Users:       []User{},
		Permissions: []Permission{{User: Operator, VHost: vhost, Configure: "^$", Write: "^$", Read: only(quoted(recent))}},
		Parameters:  []map[string]string{},
		Policies:    []definedPolicy{},
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		member := members[name]
		d.Permissions = append(d.Permissions, member.permission(vhost, name))
		if !member.ListensOnly {
			d.add(vhost, TopologyOf(name, member.Facts))
		}
	}
	return d
}

// PolicyOf is what the policy of a queue says.
func (d Definitions) PolicyOf(queue string) map[string]any {
	for _, p := range d.Policies {
		if p.Name == queue {
			return p.Definition
		}
	}
	return nil
}

func (d *Definitions) add(vhost string, topology Topology) {
	for _, e := range topology.Exchanges {
		d.Exchanges = append(d.Exchanges, definedExchange{Exchange: e, VHost: vhost, Durable: true, Arguments: map[string]any{}})
	}
	for _, q := range topology.Queues {
		d.Queues = append(d.Queues, definedQueue{Queue: q, VHost: vhost, Durable: true})
	}
	for _, p := range topology.Policies {
		d.Policies = append(d.Policies, definedPolicy{Policy: p, VHost: vhost})
	}
	for _, b := range slices.Concat(topology.Bindings, topology.Subscriptions) {
		d.Bindings = append(d.Bindings, definedBinding{
			Binding: b, VHost: vhost, DestinationType: "queue", Arguments: map[string]any{},
		})
	}
}

// permission is the least that a member can work with: to configure and write what is its own, to write what is for another context
// alone and it has to say, and to read its own and the exchanges that its queues are bound to.
func (m Member) permission(vhost, name string) Permission {
	var own, read, write []string
	if !m.ListensOnly {
		topology := TopologyOf(name, m.Facts)
		for _, e := range topology.Exchanges {
			own = append(own, e.Name)
		}
		for _, q := range topology.Queues {
			own = append(own, q.Name)
		}
		for _, b := range topology.Subscriptions {
			read = append(read, b.Source)
		}
	}
	for _, context := range m.Signals {
		read = append(read, SignalsExchange(context))
	}
	for _, context := range m.Overhears {
		read = append(read, EventsExchange(context))
	}
	if m.Replays {
		read = append(read, streamQueue)
	}
	for _, e := range schema.Events() {
		if e.Owner == name && e.Addressed() {
			write = append(write, e.Exchange())
		}
	}
	own = append(quoted(own...), regexp.QuoteMeta(signalQueue(name, ""))+".+")
	return Permission{
		User: name, VHost: vhost,
		Configure: only(own), Write: only(append(quoted(write...), own...)), Read: only(append(quoted(read...), own...)),
	}
}

func quoted(names ...string) []string {
	expressions := make([]string, len(names))
	for i, name := range names {
		expressions[i] = regexp.QuoteMeta(name)
	}
	return expressions
}

// only is a regular expression that matches what one of the expressions matches whole.
func only(expressions []string) string {
	return "^(" + strings.Join(slices.Compact(slices.Sorted(slices.Values(expressions))), "|") + ")$"
}

// NewUser makes a user with a salted hash of the password. The tag "management" lets a context look at its bindings.
func NewUser(name, password string, tags ...string) User {
	var salt [4]byte
	_, _ = rand.Read(salt[:])
	hash := sha256.Sum256(slices.Concat(salt[:], []byte(password)))
	return User{
		Name:             name,
		PasswordHash:     base64.StdEncoding.EncodeToString(slices.Concat(salt[:], hash[:])),
		HashingAlgorithm: "rabbit_password_hashing_sha256",
		Tags:             append([]string{}, tags...),
	}
}

// FactsOf lists what each context consumes, given who consumes each fact; the recorder consumes everything.
func FactsOf(consumers map[string][]string) map[string][]string {
	facts := map[string][]string{}
	for _, context := range Contexts {
		facts[context] = []string{}
	}
	for _, fact := range slices.Sorted(maps.Keys(consumers)) {
		for _, context := range consumers[fact] {
			facts[context] = append(facts[context], fact)
		}
	}
	facts[recorder] = []string{everything}
	return facts
}

// QueuesOf lists the queues that must get each fact of a context, given who consumes each fact of the system.
func QueuesOf(context string, consumers map[string][]string) map[string][]string {
	queues, impersonal, asked := map[string][]string{}, schema.Impersonal(), schema.Commands()
	for fact, subscribers := range consumers {
		if publisher, _ := splitFact(fact); publisher != context {
			continue
		}
		switch {
		case slices.Contains(asked, fact):
			queues[fact] = []string{streamQueue}
		case exchangeOf(fact) == EventsExchange(context):
			queues[fact] = []string{InboxQueue(recorder), streamQueue}
		}
		if slices.Contains(impersonal, fact) {
			queues[fact] = append(queues[fact], recent)
		}
		for _, subscriber := range subscribers {
			queues[fact] = append(queues[fact], InboxQueue(subscriber))
		}
	}
	return queues
}

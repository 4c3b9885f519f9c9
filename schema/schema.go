// Package schema is what contexts may know of each other. This file reads what the events' schemas declare; it decides nothing.
package schema

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed events/*.json
var files embed.FS

// Event is one version of a fact, as its schema declares it.
type Event struct {
	// Name is context, aggregate and fact: "ordering.order.placed".
	Name        string
	Version     int
	ID          string
	Title       string
	Description string
	Style       Style
	// Delivery is what consumers can rely on.
	Delivery string
	// Owner is the context that publishes the fact.
	Owner string
	// Consumers are the contexts that react to the fact. Chronicle, which records every fact, is not among them.
	Consumers []string
	// Reply is set for the answer to a command, which goes to where the command says.
	Reply bool
	// Saga is the fact's part in a process; nil when it has none.
	Saga *Saga
	// Undoes is the message whose doing this one is about to undo, or has undone, outside of what Saga declares; empty for none.
	Undoes string
	// Personal are the paths of personal data within the payload; "*" stands for every element of an array.
	Personal [][]string
	// Examples are payloads that the schema admits.
	Examples []json.RawMessage
	// Schema is the JSON Schema itself.
	Schema json.RawMessage
}

// Style is how a payload gives consumers what they need.
type Style string

// The payload styles: tell that something happened, carry all that consumers need, carry what has changed, ask for something.
const (
	Notification  Style = "notification"
	StateTransfer Style = "state-transfer"
	Delta         Style = "delta"
	Command       Style = "command"
)

// Exchange is where the owner publishes the fact: its own exchange of events, unless the message is for one context alone, which then
// takes it from its exchange of commands or of replies.
func (e Event) Exchange() string {
	switch {
	case e.Reply:
		return e.Consumers[0] + ".replies"
	case e.Style == Command:
		return e.Consumers[0] + ".commands"
	default:
		return e.Owner + ".events"
	}
}

// Addressed tells whether the message is for one context alone.
func (e Event) Addressed() bool { return e.Reply || e.Style == Command }

// Compensation tells whether the message undoes something, or calls it off: a step of a saga, or what it says that it undoes.
func (e Event) Compensation() bool {
	if e.Saga == nil {
		return e.Undoes != ""
	}
	return slices.ContainsFunc(e.Saga.Effects, func(effect Effect) bool {
		return slices.ContainsFunc(effect.Does, func(verb Verb) bool {
			return verb == Compensates || verb == Skips || verb == Retracts
		})
	})
}

// Events lists every version of every fact, by name and version. The list is shared: it is not to be changed.
func Events() []Event { return events() }

// Consumers lists the contexts that react to each fact, in any of its versions. Chronicle, which records every fact, is left out.
func Consumers() map[string][]string {
	consumers := map[string][]string{}
	for _, event := range events() {
		all := append(consumers[event.Name], event.Consumers...)
		slices.Sort(all)
		consumers[event.Name] = slices.Compact(all)
	}
	return consumers
}

// Commands lists what one context asks of another alone.
func Commands() []string {
	var commands []string
	for _, event := range events() {
		if event.Style == Command {
			commands = append(commands, event.Name)
		}
	}
	return slices.Compact(commands)
}

// Impersonal lists the facts that carry no personal data in any of their versions.
func Impersonal() []string {
	var facts []string
	personal := map[string]bool{}
	for _, event := range events() {
		facts = append(facts, event.Name)
		personal[event.Name] = personal[event.Name] || event.Personal != nil
	}
	return slices.DeleteFunc(slices.Compact(facts), func(fact string) bool { return personal[fact] })
}

var events = sync.OnceValue(func() []Event {
	entries, err := files.ReadDir("events")
	if err != nil {
		panic(fmt.Sprintf("read embedded schemas: %v", err))
	}
	list := make([]Event, len(entries))
	for i, entry := range entries {
		body, err := files.ReadFile(path.Join("events", entry.Name()))
		if err == nil {
			list[i], err = parse(entry.Name(), body)
		}
		if err != nil {
			panic(fmt.Sprintf("read schema %s: %v", entry.Name(), err))
		}
	}
	slices.SortFunc(list, func(a, b Event) int {
		if byName := strings.Compare(a.Name, b.Name); byName != 0 {
			return byName
		}
		return a.Version - b.Version
	})
	return list
})

// parse reads a schema and its file's name, <context>.<aggregate>.<fact>.v<version>.json.
func parse(file string, body []byte) (Event, error) {
	stem, found := strings.CutSuffix(file, ".json")
	at := strings.LastIndex(stem, ".v")
	if !found || at < 0 {
		return Event{}, fmt.Errorf("%q is not named <context>.<aggregate>.<fact>.v<version>.json", file)
	}
	version, err := strconv.Atoi(stem[at+2:])
	if err != nil {
		return Event{}, fmt.Errorf("version of %q: %w", file, err)
	}
	var declared struct {
		ID          string            `json:"$id"`
		Title       string            `json:"title"`
		Description string            `json:"description"`
		Style       Style             `json:"x-payload-style"`
		Delivery    string            `json:"x-delivery"`
		Owner       string            `json:"x-owner"`
		Consumers   []string          `json:"x-consumers"`
		Reply       bool              `json:"x-reply"`
		Saga        *Saga             `json:"x-saga"`
		Undoes      string            `json:"x-undoes"`
		Examples    []json.RawMessage `json:"examples"`
		property
	}
	if err := json.Unmarshal(body, &declared); err != nil {
		return Event{}, err
	}
	return Event{
		Name: stem[:at], Version: version,
		ID: declared.ID, Title: declared.Title, Description: declared.Description,
		Style: declared.Style, Delivery: declared.Delivery, Owner: declared.Owner, Consumers: declared.Consumers,
		Reply: declared.Reply,
		Saga:  declared.Saga, Undoes: declared.Undoes, Personal: declared.personal(nil), Examples: declared.Examples, Schema: body,
	}, nil
}

// property is the part of a JSON Schema that tells where personal data is.
type property struct {
	Personal   bool                `json:"x-personal"`
	Properties map[string]property `json:"properties"`
	Items      *property           `json:"items"`
}

func (p property) personal(at []string) [][]string {
	if p.Personal {
		return [][]string{at}
	}
	var paths [][]string
	for name, inner := range p.Properties {
		paths = append(paths, inner.personal(append(slices.Clip(at), name))...)
	}
	if p.Items != nil {
		paths = append(paths, p.Items.personal(append(slices.Clip(at), "*"))...)
	}
	slices.SortFunc(paths, slices.Compare)
	return paths
}

package asyncapi

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/schema"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// Page is what people read: one HTML page that needs nothing else, the same for the same system.
func Page(system System) ([]byte, error) {
	view := page{Contexts: rabbit.Contexts, Envelope: fields(envelopeSchema(), ""), ContentType: event.ContentType}
	for _, name := range rabbit.Contexts {
		view.Publishers = append(view.Publishers, publisher{Name: name, Hears: system.Members[name].Facts})
	}
	for _, e := range system.Events {
		described, err := describeVersion(e)
		if err != nil {
			return nil, err
		}
		view.add(e, described)
	}
	for name := range maps.Keys(system.Members) {
		for _, context := range system.Members[name].Signals {
			view.Signals = append(view.Signals, signal{From: context, To: name})
		}
	}
	slices.SortFunc(view.Signals, func(a, b signal) int { return strings.Compare(a.From+a.To, b.From+b.To) })
	view.queues(rabbit.Define(vhost, system.Members))
	var html bytes.Buffer
	if err := pageTemplate.Execute(&html, view); err != nil {
		return nil, fmt.Errorf("write page of contracts: %w", err)
	}
	return html.Bytes(), nil
}

// page is what the template shows.
type page struct {
	Contexts    []string
	Publishers  []publisher
	Envelope    []field
	ContentType string
	Signals     []signal
	Queues      []queue
	Facts       int
	Versions    int
}

// publisher is a context with what it says and hears.
type publisher struct {
	Name  string
	Facts []fact
	// Hears are names of facts; "#" is every one.
	Hears []string
}

// fact is a fact in all its versions, the newest first.
type fact struct {
	Name, Short, Title, Description string
	Consumers                       []string
	Versions                        []version
}

// Consumed tells whether a context hears the fact, for the table of all.
func (f fact) Consumed(context string) bool { return slices.Contains(f.Consumers, context) }

// Owned tells whether it is a context that says the fact.
func (f fact) Owned(context string) bool { return strings.HasPrefix(f.Name, context+".") }

type version struct {
	Number                                     int
	Title, Description                         string
	Style, StyleMeans, Delivery, Exchange, Key string
	Schema                                     string
	Consumers                                  []string
	Saga                                       []sentence
	Fields                                     []field
	Examples                                   []string
}

// sentence is a label and what it says.
type sentence struct{ Label, Text string }

// field is one row of a payload's table.
type field struct {
	Path, Type, Description string
	Required, Personal      bool
}

type signal struct{ From, To string }

type queue struct {
	Name, Purpose string
	Settings      []sentence
	Bindings      []rabbit.Binding
}

// add puts a version to its fact, and a fact to its context. Versions come in ascending order.
func (p *page) add(e schema.Event, v version) {
	at := slices.IndexFunc(p.Publishers, func(c publisher) bool { return c.Name == e.Owner })
	facts := &p.Publishers[at].Facts
	p.Versions++
	if last := len(*facts) - 1; last >= 0 && (*facts)[last].Name == e.Name {
		known := &(*facts)[last]
		known.Versions = slices.Insert(known.Versions, 0, v)
		known.Title, known.Description = e.Title, e.Description
		known.Consumers = union(known.Consumers, e.Consumers)
		return
	}
	p.Facts++
	*facts = append(*facts, fact{
		Name: e.Name, Short: strings.TrimPrefix(e.Name, e.Owner+"."), Title: e.Title, Description: e.Description,
		Consumers: union(nil, e.Consumers), Versions: []version{v},
	})
}

func union(a, b []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}

func (p *page) queues(topology rabbit.Definitions) {
	for _, q := range topology.Queues {
		shown := queue{Name: q.Name, Purpose: purposeOf(q.Name)}
		for _, settings := range []map[string]any{q.Arguments, topology.PolicyOf(q.Name)} {
			for _, name := range slices.Sorted(maps.Keys(settings)) {
				shown.Settings = append(shown.Settings, sentence{name, fmt.Sprint(settings[name])})
			}
		}
		for _, b := range topology.Bindings {
			if b.Destination == q.Name {
				shown.Bindings = append(shown.Bindings, b.Binding)
			}
		}
		p.Queues = append(p.Queues, shown)
	}
}

var styleMeans = map[schema.Style]string{
	schema.Notification:  "something happened; whoever needs more calls back",
	schema.StateTransfer: "carries all that consumers need",
	schema.Delta:         "says what has changed",
	schema.Command:       "asks one context for something",
}

func describeVersion(e schema.Event) (version, error) {
	data, err := dataSchema(e)
	if err != nil {
		return version{}, err
	}
	examples, err := envelopes(e)
	if err != nil {
		return version{}, err
	}
	v := version{
		Number: e.Version, Title: e.Title, Description: e.Description, Style: string(e.Style), StyleMeans: styleMeans[e.Style],
		Delivery: e.Delivery, Exchange: e.Exchange(), Key: routingKey(e), Schema: e.ID, Consumers: e.Consumers,
		Saga: sagaSentences(e.Saga), Fields: fields(data, ""),
	}
	for _, example := range examples {
		text, err := json.MarshalIndent(example, "", "  ")
		if err != nil {
			return version{}, fmt.Errorf("show example of %s: %w", nameOf(e), err)
		}
		v.Examples = append(v.Examples, string(text))
	}
	return v, nil
}

// What stands for steps, in words.
var (
	ofStep = strings.NewReplacer(schema.OwnStep, "of the same step", schema.PreviousStep, "of the step before", schema.AnyStep, "of some step",
		schema.EveryStep, "of every step")
	affected = strings.NewReplacer("step "+schema.OwnStep, "step", schema.OwnStep, "the step that it names", schema.EveryStep, "every step",
		schema.StepContext, "its context")
)

// sagaSentences say in words what part a fact has in a process.
func sagaSentences(saga *schema.Saga) []sentence {
	if saga == nil {
		return nil
	}
	said := []sentence{{"saga", saga.Process}}
	if saga.Remark {
		said = append(said, sentence{"remarks", "it is told, and does nothing in the saga"})
	}
	for _, step := range saga.Steps {
		said = append(said, sentence{"completes step", fmt.Sprintf("%d, %s, which %s does", step.Position, step.Name, step.Context)})
	}
	if saga.Step != nil {
		said = append(said, sentence{"completes step", fmt.Sprintf("%d, %s", saga.Step.Position, saga.Step.Name)})
	}
	var groups []string
	for _, group := range saga.After {
		groups = append(groups, ofStep.Replace(strings.Join(group, " or ")))
	}
	if len(groups) > 0 {
		said = append(said, sentence{"waits for", strings.Join(groups, ", and ")})
	}
	for _, effect := range saga.Effects {
		if saga.Step != nil && effect.Step == saga.Step.Name || saga.Steps != nil && effect.Step == schema.OwnStep {
			continue // is said
		}
		verbs := make([]string, len(effect.Does))
		for i, verb := range effect.Does {
			verbs[i] = string(verb)
		}
		said = append(said, sentence{strings.Join(verbs, " or "), affected.Replace(effect.Step)})
	}
	if saga.Turns != "" {
		said = append(said, sentence{"turns the saga", string(saga.Turns)})
	}
	if saga.Action != "" {
		said = append(said, sentence{"while it is waited for", affected.Replace(saga.Action)})
	}
	return said
}

// fields are the fields of a schema, required ones first, each followed by what is inside of it.
func fields(schema object, prefix string) []field {
	properties, _ := schema["properties"].(object)
	required := requiredOf(schema)
	names := slices.SortedFunc(maps.Keys(properties), func(a, b string) int {
		rank := func(name string) string { // the order of "required" is the author's
			if at := slices.Index(required, name); at >= 0 {
				return fmt.Sprintf("0%03d", at)
			}
			return "1" + name
		}
		return strings.Compare(rank(a), rank(b))
	})
	var all []field
	for _, name := range names {
		property, _ := properties[name].(object)
		description, _ := property["description"].(string)
		all = append(all, field{
			Path: prefix + name, Type: typeOf(property), Description: description,
			Required: slices.Contains(required, name), Personal: property["x-personal"] == true,
		})
		all = append(all, fields(property, prefix+name+".")...)
		if items, is := property["items"].(object); is {
			all = append(all, fields(items, prefix+name+"[].")...)
		}
	}
	return all
}

func requiredOf(schema object) []string {
	if names, is := schema["required"].([]string); is {
		return names
	}
	var names []string
	list, _ := schema["required"].([]any)
	for _, name := range list {
		names = append(names, fmt.Sprint(name))
	}
	return names
}

// limits are the keywords that narrow a type down, as people write them.
var limits = []struct{ keyword, sign string }{
	{"minimum", "≥ "},
	{"exclusiveMinimum", "> "},
	{"maximum", "≤ "},
	{"exclusiveMaximum", "< "},
	{"minLength", "length ≥ "},
	{"maxLength", "length ≤ "},
	{"minItems", "at least "},
	{"maxItems", "at most "},
	{"pattern", "matches "},
}

// typeOf says in a few words what a value may be: "integer, ≥ 1".
func typeOf(property object) string {
	var parts []string
	switch kind := property["type"].(type) {
	case string:
		parts = append(parts, kind)
	case []any:
		parts = append(parts, joined(kind, " or "))
	}
	if items, is := property["items"].(object); is {
		parts[0] += " of " + typeOf(items)
	}
	if format, is := property["format"].(string); is {
		parts = append(parts, format)
	}
	if values, is := property["enum"].([]any); is {
		parts = append(parts, "one of "+joined(values, ", "))
	}
	if value, is := property["const"]; is {
		parts = append(parts, fmt.Sprint(value))
	}
	for _, limit := range limits {
		if value, is := property[limit.keyword]; is {
			parts = append(parts, limit.sign+fmt.Sprint(value))
		}
	}
	if len(parts) == 0 {
		return "anything"
	}
	return strings.Join(parts, ", ")
}

func joined(values []any, separator string) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = fmt.Sprint(value)
	}
	return strings.Join(texts, separator)
}

package asyncapi

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/schema"
)

// message describes a version of a fact as it travels, in its envelope.
func message(e schema.Event) (object, error) {
	envelopes, err := envelopes(e)
	if err != nil {
		return nil, err
	}
	var examples []any
	for i, envelope := range envelopes {
		examples = append(examples, object{"name": fmt.Sprintf("example%d", i+1), "payload": envelope})
	}
	like := envelopes[0]
	described := object{
		"name": nameOf(e), "title": e.Title, "description": e.Description, "contentType": event.ContentType,
		"tags":   []any{object{"name": e.Owner}, object{"name": string(e.Style)}},
		"traits": []any{reference("components", "messageTraits", "fact")},
		"payload": object{"allOf": []any{
			reference("components", "schemas", "cloudevent"),
			object{"properties": object{
				"source":      object{"const": like.Source},
				"type":        object{"const": like.Type},
				"dataschema":  object{"const": like.DataSchema},
				"dataversion": object{"const": like.DataVersion},
				"data":        reference("components", "schemas", nameOf(e)),
			}},
		}},
		"bindings":        object{"amqp": object{"messageType": like.Type, "bindingVersion": bindingVersion}},
		"examples":        examples,
		"x-owner":         e.Owner,
		"x-consumers":     append([]string{}, e.Consumers...),
		"x-payload-style": e.Style,
		"x-delivery":      e.Delivery,
	}
	if e.Saga != nil {
		described["x-saga"] = e.Saga.Process
	}
	if len(e.Personal) > 0 {
		var paths []string
		for _, path := range e.Personal {
			paths = append(paths, "/data/"+strings.Join(path, "/"))
		}
		described["x-personal"] = paths
	}
	return described, nil
}

// factTrait is what all messages have in common.
func factTrait() object {
	return object{
		"contentType": event.ContentType,
		"correlationId": object{
			"location": "$message.payload#/correlationid", "description": "The order or return that the fact belongs to, if it does.",
		},
		"x-amqp-properties": object{
			"message_id":     "the envelope's id",
			"type":           "the envelope's type",
			"app_id":         "the context that publishes",
			"timestamp":      "the envelope's time, in seconds",
			"correlation_id": "the envelope's correlationid",
			"reply_to":       "the envelope's replyto",
			"content_type":   event.ContentType,
			"delivery_mode":  2,
		},
		"x-amqp-headers": object{"order-number": "the envelope's ordernumber"},
	}
}

// moment is when the facts of the examples happened.
var moment = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// envelopes are the examples of a version as they travel.
func envelopes(e schema.Event) ([]event.Envelope, error) {
	var all []event.Envelope
	for i, example := range e.Examples {
		subject, err := subjectOf(e, example)
		if err != nil {
			return nil, err
		}
		fact := event.Fact{
			Name: e.Name, Version: e.Version, Subject: subject, Sequence: int64(i + 1), At: moment, Data: example,
		}
		if e.Saga != nil {
			fact.CorrelationID = subject
		}
		all = append(all, event.New(context.Background(), fact))
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no examples", nameOf(e))
	}
	return all, nil
}

// unnamed is the aggregate of examples that do not name it.
const unnamed = "01996f3a-0000-7000-8000-000000000001"

// subjectOf is the aggregate that an example is about. A payload that names it does so first, by an id or a SKU; that of an operator's
// action does not.
func subjectOf(e schema.Event, example json.RawMessage) (string, error) {
	var declared struct {
		Required []string `json:"required"`
	}
	if err := json.Unmarshal(e.Schema, &declared); err != nil {
		return "", fmt.Errorf("read schema of %s: %w", nameOf(e), err)
	}
	var payload map[string]any
	if err := json.Unmarshal(example, &payload); err != nil {
		return "", fmt.Errorf("read example of %s: %w", nameOf(e), err)
	}
	if len(declared.Required) > 0 {
		if first := declared.Required[0]; first == "sku" || strings.HasSuffix(first, "Id") {
			return fmt.Sprint(payload[first]), nil
		}
	}
	return unnamed, nil
}

// envelopeSchema describes event.Envelope.
func envelopeSchema() object {
	text := func(description string) object { return object{"type": "string", "description": description} }
	formatted := func(format, description string) object {
		return object{"type": "string", "format": format, "description": description}
	}
	return object{
		"title":       "Envelope",
		"description": "CloudEvents 1.0 in its structured JSON form.",
		"type":        "object",
		"required": []string{
			"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "dataversion", "sequence", "data",
		},
		"properties": object{
			"specversion":     object{"const": "1.0", "description": "The version of CloudEvents."},
			"id":              formatted("uuid", "Names the fact. It derives from source, subject and sequence, so that the same fact always has the same id."),
			"source":          text("The context that publishes. Together with the subject it names the aggregate."),
			"type":            text("Context, aggregate and fact."),
			"subject":         text("The aggregate's id."),
			"time":            formatted("date-time", "When it happened."),
			"datacontenttype": object{"const": "application/json", "description": "What data is."},
			"dataschema":      formatted("uri", "The schema of data."),
			"dataversion":     object{"type": "integer", "minimum": 1, "description": "The version of that schema."},
			"sequence":        object{"type": "integer", "minimum": 1, "description": "The aggregate's version after the fact."},
			"correlationid":   text("The order or return that the fact belongs to."),
			"ordernumber":     text("What people call the order that the message is about. Left out if it is about none, or its publisher had not heard."),
			"replyto":         text("The exchange that the answer to a command goes to."),
			"causationid":     text("The id of the fact that this one was a reaction to."),
			"traceparent":     text("The trace that it belongs to, as W3C Trace Context writes it."),
			"data":            object{"type": "object", "description": "The payload."},
		},
	}
}

// meta is what a schema file says of the fact, which the message says in its own words.
var meta = []string{"$schema", "$id", "examples", "x-owner", "x-consumers", "x-payload-style", "x-delivery", "x-saga"}

// dataSchema is the payload's schema in the words that AsyncAPI has, which are those of JSON Schema's draft 07: definitions are written out
// where they are referred to, because references point into the AsyncAPI document.
func dataSchema(e schema.Event) (object, error) {
	var document object
	if err := json.Unmarshal(e.Schema, &document); err != nil {
		return nil, fmt.Errorf("read schema of %s: %w", nameOf(e), err)
	}
	for _, keyword := range meta {
		delete(document, keyword)
	}
	definitions, _ := document["$defs"].(object)
	delete(document, "$defs")
	written, err := writeOut(document, definitions, 0)
	if err != nil {
		return nil, fmt.Errorf("describe %s: %w", nameOf(e), err)
	}
	return written.(object), nil
}

// deepest is how far definitions may refer to each other.
const deepest = 32

func writeOut(value any, definitions object, depth int) (any, error) {
	if depth > deepest {
		return nil, fmt.Errorf("definitions refer to themselves")
	}
	switch value := value.(type) {
	case object:
		if target, is := value["$ref"].(string); is {
			definition, found := definitions[strings.TrimPrefix(target, "#/$defs/")].(object)
			if !found {
				return nil, fmt.Errorf("nothing is at %s", target)
			}
			beside := maps.Clone(definition)
			maps.Copy(beside, value)
			delete(beside, "$ref")
			return writeOut(beside, definitions, depth+1)
		}
		written := object{}
		for name, inner := range value {
			var err error
			if written[name], err = writeOut(inner, definitions, depth+1); err != nil {
				return nil, err
			}
		}
		return written, nil
	case []any:
		written := make([]any, len(value))
		for i, inner := range value {
			var err error
			if written[i], err = writeOut(inner, definitions, depth+1); err != nil {
				return nil, err
			}
		}
		return written, nil
	default:
		return value, nil
	}
}

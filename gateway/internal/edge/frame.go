package edge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// protocol is what web sockets speak: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.
const protocol = "graphql-transport-ws"

// The types of messages.
const (
	typeInit      = "connection_init"
	typeAck       = "connection_ack"
	typePing      = "ping"
	typePong      = "pong"
	typeSubscribe = "subscribe"
	typeNext      = "next"
	typeError     = "error"
	typeComplete  = "complete"
)

// frame is one message of the protocol.
type frame struct {
	Type    string          `json:"type"`
	ID      string          `json:"id,omitempty"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// frameSpace is about what a message is longer than its payload, in bytes.
const frameSpace = 128

// append writes the message behind a text. Its payload is JSON already, and not looked at again.
func (f frame) append(text []byte) []byte {
	text = appendJSON(append(text, `{"type":`...), f.Type)
	if f.ID != "" {
		text = appendJSON(append(text, `,"id":`...), f.ID)
	}
	if len(f.Payload) > 0 {
		text = append(append(text, `,"payload":`...), f.Payload...)
	}
	return append(text, '}')
}

// readFrame reads a message of a client. The error is for the client to read.
func readFrame(text []byte) (frame, error) {
	var f frame
	if err := json.Unmarshal(text, &f); err != nil {
		return frame{}, errors.New("it is not JSON, or not a message")
	}
	switch f.Type {
	case typeInit, typePing, typePong:
		if !isObject(f.Payload) {
			return frame{}, fmt.Errorf("the payload of %s is not an object", f.Type)
		}
	case typeSubscribe, typeComplete:
		if f.ID == "" {
			return frame{}, fmt.Errorf("%s has no id", f.Type)
		}
	case "":
		return frame{}, errors.New("it has no type")
	default:
		return frame{}, errors.New("its type is none that clients send")
	}
	return f, nil
}

// isObject tells whether a payload that may be left out is an object.
func isObject(payload json.RawMessage) bool {
	payload = bytes.TrimSpace(payload)
	return len(payload) == 0 || payload[0] == '{' || bytes.Equal(payload, []byte("null"))
}

// readParams reads the operation that a client sends.
func readParams(payload []byte) (*graphql.RawParams, error) {
	if payload = bytes.TrimSpace(payload); len(payload) == 0 || payload[0] != '{' {
		return nil, errors.New("an operation is not an object")
	}
	var asked struct {
		Query         *string        `json:"query"`
		OperationName string         `json:"operationName"`
		Variables     map[string]any `json:"variables"`
		Extensions    map[string]any `json:"extensions"`
	}
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.UseNumber()
	if err := decoder.Decode(&asked); err != nil {
		return nil, errors.New("an operation has a query, which is a string, and perhaps operationName, variables and extensions")
	}
	params := &graphql.RawParams{OperationName: asked.OperationName, Variables: asked.Variables, Extensions: asked.Extensions}
	switch {
	case asked.Query != nil:
		params.Query = *asked.Query
	case len(asked.Extensions) == 0: // which could name a document that is known
		return nil, errors.New("an operation has a query")
	}
	return params, nil
}

// payload is a response as it is sent. A response is always JSON.
func payload(response any) json.RawMessage {
	text, _ := json.Marshal(response)
	return text
}

// answered is the payload of what an operation answers, none of which is deferred.
func answered(response *graphql.Response) json.RawMessage {
	return whole(response).append(make([]byte, 0, len(response.Data)+len(`{"data":}`)))
}

// errorFrame tells that an operation was refused.
func errorFrame(id string, errors gqlerror.List) frame {
	return frame{Type: typeError, ID: id, Payload: payload(errors)}
}

package client

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// message is one of the protocol graphql-transport-ws,
// https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.
type message struct {
	Type    string          `json:"type"`
	ID      string          `json:"id,omitempty"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// Subscribe sends a subscription and hands over the data of each event, until next answers false, the gateway completes the
// subscription, or something fails. Errors in an event are Errors.
func (c *Client) Subscribe(ctx context.Context, document string, variables map[string]any, next func(data json.RawMessage) bool) error {
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(c.URL, "http"), &websocket.DialOptions{ //nolint:bodyclose // it is the connection's
		Subprotocols: []string{"graphql-transport-ws"},
	})
	if err != nil {
		return fmt.Errorf("%w: %w", errUnanswered, err)
	}
	defer conn.CloseNow()
	conn.SetReadLimit(1 << 20)
	if err := c.begin(ctx, conn, document, variables); err != nil {
		return err
	}
	for {
		var m message
		if err := wsjson.Read(ctx, conn, &m); err != nil {
			return fmt.Errorf("read event: %w", err)
		}
		switch m.Type {
		case "ping":
			if err := wsjson.Write(ctx, conn, message{Type: "pong"}); err != nil {
				return fmt.Errorf("answer ping: %w", err)
			}
		case "next":
			more, err := deliver(m.Payload, next)
			if err != nil || !more {
				return err
			}
		case "error":
			var failures Errors
			if err := json.Unmarshal(m.Payload, &failures); err != nil {
				return fmt.Errorf("read errors: %w", err)
			}
			return failures
		case "complete":
			return nil
		}
	}
}

func (c *Client) begin(ctx context.Context, conn *websocket.Conn, document string, variables map[string]any) error {
	c.mu.Lock()
	authorization, err := json.Marshal(map[string]string{"authorization": "Bearer " + c.token})
	if c.token == "" {
		authorization = []byte("{}")
	}
	c.mu.Unlock()
	if err != nil {
		return fmt.Errorf("encode token: %w", err)
	}
	if err := wsjson.Write(ctx, conn, message{Type: "connection_init", Payload: authorization}); err != nil {
		return fmt.Errorf("begin connection: %w", err)
	}
	var ack message
	if err := wsjson.Read(ctx, conn, &ack); err != nil {
		return fmt.Errorf("await acknowledgement: %w", err)
	}
	if ack.Type != "connection_ack" {
		return fmt.Errorf("await acknowledgement: got %q", ack.Type)
	}
	payload, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		return fmt.Errorf("encode subscription: %w", err)
	}
	if err := wsjson.Write(ctx, conn, message{Type: "subscribe", ID: "1", Payload: payload}); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	return nil
}

func deliver(payload json.RawMessage, next func(json.RawMessage) bool) (more bool, err error) {
	var event struct {
		Data   json.RawMessage
		Errors Errors
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return false, fmt.Errorf("read event: %w", err)
	}
	if len(event.Errors) > 0 {
		return false, event.Errors
	}
	return next(event.Data), nil
}

// Package client talks to the gateway as any program outside would.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Client sends documents to one gateway, as the person who signed in. It is safe for concurrent use.
type Client struct {
	URL string
	// Patience is how long a request is tried again while the gateway or a context does not answer. Requests must therefore
	// be such that repeating them does no harm.
	Patience time.Duration

	mu              sync.Mutex
	email, password string
	token           string
	renewAt         time.Time
}

// Error is one of the errors of a response.
type Error struct {
	Message    string
	Path       []any
	Extensions struct{ Code, Context string }
}

// Errors are the errors of a response.
type Errors []Error

func (e Errors) Error() string {
	messages := make([]string, len(e))
	for i, one := range e {
		messages[i] = strings.TrimSpace(fmt.Sprintf("%s %s %v", one.Extensions.Code, one.Message, one.Path))
	}
	return strings.Join(messages, "; ")
}

// UserError is what a mutation refuses an input with.
type UserError struct {
	Code, Message string
	Path          []string
}

const signIn = `mutation ($email: String!, $password: String!) {
	signIn(input: {email: $email, password: $password}) { token expiresAt userErrors { code message path } }
}`

// SignIn makes the requests that follow those of a person, for as long as the client lives.
func (c *Client) SignIn(ctx context.Context, email, password string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.email, c.password = email, password
	return c.renew(ctx)
}

// Token is that of the person who signed in, good for some minutes at least.
func (c *Client) Token(ctx context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Now().After(c.renewAt) {
		if err := c.renew(ctx); err != nil {
			return "", err
		}
	}
	return c.token, nil
}

func (c *Client) renew(ctx context.Context) error {
	var data struct {
		SignIn struct {
			Token      string
			ExpiresAt  time.Time
			UserErrors []UserError
		}
	}
	if err := c.patiently(ctx, "", signIn, map[string]any{"email": c.email, "password": c.password}, &data); err != nil {
		return fmt.Errorf("sign in %s: %w", c.email, err)
	}
	if len(data.SignIn.UserErrors) > 0 {
		return fmt.Errorf("sign in %s: %s", c.email, data.SignIn.UserErrors[0].Message)
	}
	c.token = data.SignIn.Token
	c.renewAt = time.Now().Add(time.Until(data.SignIn.ExpiresAt) / 2)
	return nil
}

// Do sends a document and reads the data of the answer into data, a pointer. Errors in the answer are Errors.
func (c *Client) Do(ctx context.Context, document string, variables map[string]any, data any) error {
	c.mu.Lock()
	if c.email != "" && time.Now().After(c.renewAt) {
		if err := c.renew(ctx); err != nil {
			c.mu.Unlock()
			return err
		}
	}
	token := c.token
	c.mu.Unlock()
	return c.patiently(ctx, token, document, variables, data)
}

func (c *Client) patiently(ctx context.Context, token, document string, variables map[string]any, data any) error {
	until := time.Now().Add(c.Patience)
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		err := c.once(ctx, token, document, variables, data)
		if err == nil || !transient(err) || time.Now().Add(pause).After(until) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// errUnanswered marks an exchange that did not end in a GraphQL response.
var errUnanswered = errors.New("no GraphQL response")

func transient(err error) bool {
	var failures Errors
	if errors.As(err, &failures) {
		for _, failure := range failures {
			if code := failure.Extensions.Code; code == "CONTEXT_UNAVAILABLE" || code == "RATE_LIMITED" {
				return true
			}
		}
		return false
	}
	return errors.Is(err, errUnanswered)
}

func (c *Client) once(ctx context.Context, token, document string, variables map[string]any, data any) error {
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		return fmt.Errorf("encode request: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnanswered, err)
	}
	defer response.Body.Close()
	var answer struct {
		Data   json.RawMessage
		Errors Errors
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%w: %s: %w", errUnanswered, response.Status, err)
	}
	if len(answer.Data) > 0 && string(answer.Data) != "null" {
		if err := json.Unmarshal(answer.Data, data); err != nil {
			return fmt.Errorf("read data: %w", err)
		}
	}
	if len(answer.Errors) > 0 {
		return answer.Errors
	}
	return nil
}

package contest

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/proof/bench/gateway/shop"
)

//go:embed operations/*.graphql
var documents embed.FS

// Operation is what is asked of every gateway, in the same words.
type Operation struct {
	Name string
	// Body is the request.
	Body []byte
	// data is the answer.
	data any
}

// Operations are a page of fifty products, and twenty orders with all that there is to each.
func Operations(s *shop.Shop) ([]Operation, error) {
	ids := make([]any, 0, shop.Orders)
	for _, id := range s.OrderIDs() {
		ids = append(ids, id)
	}
	browse, err := operation(s, "browse", map[string]any{})
	if err != nil {
		return nil, err
	}
	orders, err := operation(s, "orders", map[string]any{"ids": ids})
	return []Operation{browse, orders}, err
}

func operation(s *shop.Shop, name string, variables map[string]any) (Operation, error) {
	document, err := documents.ReadFile("operations/" + name + ".graphql")
	if err != nil {
		return Operation{}, fmt.Errorf("read operation: %w", err)
	}
	o := Operation{Name: name}
	if o.Body, err = json.Marshal(map[string]any{"query": string(document), "variables": variables}); err != nil {
		return Operation{}, fmt.Errorf("write request: %w", err)
	}
	answer, err := s.Whole().Answer(string(document), variables)
	if err != nil {
		return Operation{}, fmt.Errorf("answer %s: %w", name, err)
	}
	if err := json.Unmarshal(answer, &o.data); err != nil {
		return Operation{}, fmt.Errorf("read answer: %w", err)
	}
	return o, nil
}

// check tells how an answer differs from what it should be.
func (o Operation) check(body []byte) error {
	var got struct {
		Data   any
		Errors []any
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(&got); err != nil {
		return fmt.Errorf("%s was answered %.300q: %w", o.Name, body, err)
	}
	if len(got.Errors) > 0 {
		return fmt.Errorf("%s was answered with errors: %.600s", o.Name, body)
	}
	if diff := cmp.Diff(o.data, got.Data); diff != "" {
		return fmt.Errorf("%s was answered something else (-want +got):\n%.3000s", o.Name, diff)
	}
	return nil
}

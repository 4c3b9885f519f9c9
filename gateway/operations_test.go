package gateway

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"quadrille.dev/gateway/internal/graph/generated"
	"quadrille.dev/gateway/internal/graph/model"
)

// TestWhatClientsSendIsValid holds the schema against the documents of existing clients, one operation after the other.
func TestWhatClientsSendIsValid(t *testing.T) {
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	var refused []string
	for _, name := range []string{
		"SignIn", "RegisterCustomer", "Viewer", "Products", "Product", "Quote", "PlaceOrder", "Order", "CancelOrder", "RequestReturn",
		"OrderChanged", "ListProduct", "ChangePrice", "ReceiveStock", "Sagas", "ParkedMessages", "RetryParkedMessages",
		"DiscardParkedMessages", "Contexts", "AuditLog",
	} {
		if _, err := gqlparser.LoadQueryWithRules(schema, document(t, name), rules.NewDefaultRules()); err != nil {
			refused = append(refused, name)
		}
	}
	if len(refused) > 0 {
		t.Errorf("operations that are not valid: %v", refused)
	}
}

// TestDocumentsAreThoseOfClients compares the copies with the documents themselves, where these are at hand.
func TestDocumentsAreThoseOfClients(t *testing.T) {
	originals := os.Getenv("QUADRILLE_OPERATIONS")
	if originals == "" {
		originals = "../../shared/operations"
	}
	files, err := filepath.Glob(originals + "/*.graphql")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Logf("no documents in %s; QUADRILLE_OPERATIONS says where else they are", originals)
	}
	for _, file := range files {
		original, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		mine, err := os.ReadFile("testdata/operations/" + filepath.Base(file))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(original, mine) {
			t.Errorf("%s is no longer what clients send", filepath.Base(file))
		}
	}
}

// TestEveryOperationIsAnswered runs what clients send against contexts that answer.
func TestEveryOperationIsAnswered(t *testing.T) {
	w := newWorld(t)
	for name, variables := range map[string]map[string]any{
		"SignIn":           {"input": map[string]any{"email": "ada@quadrille.test", "password": "quadrille"}},
		"RegisterCustomer": {"input": map[string]any{"email": "e", "password": "p", "name": "n", "phone": nil, "idempotencyKey": "k"}},
		"Viewer":           nil,
		"Products":         {"first": 2},
		"Product":          {"by": map[string]any{"sku": sku(1)}},
		"Quote":            {"input": map[string]any{"lines": []any{map[string]any{"sku": sku(1), "quantity": 2}}, "promotionCodes": []any{}}},
		"PlaceOrder":       {"input": placement()},
		"Order":            {"id": id(3, 1)},
		"CancelOrder":      {"input": map[string]any{"orderId": id(3, 1), "reason": "changed my mind", "idempotencyKey": "k"}},
		"RequestReturn": {"input": map[string]any{
			"orderId": id(3, 1), "lines": []any{map[string]any{"sku": sku(1), "quantity": 1}}, "reason": "A crack.", "idempotencyKey": "k",
		}},
		"ListProduct":    {"input": map[string]any{"sku": "A", "name": "A", "description": "", "category": "C", "imageUrl": nil}},
		"ChangePrice":    {"input": map[string]any{"sku": "A", "price": map[string]any{"amount": "4.25", "currencyCode": "GBP"}}},
		"ReceiveStock":   {"input": map[string]any{"sku": "A", "quantity": 10, "reference": "R"}},
		"Sagas":          {"filter": nil, "first": 2},
		"Contexts":       nil,
		"AuditLog":       {"first": 2},
		"ParkedMessages": {"context": "pricing", "first": 2},
		"RetryParkedMessages": {"input": map[string]any{
			"ids": []any{model.ParkedID("pricing", id(8, 1)), model.ParkedID("billing", id(8, 1))}, "dryRun": false,
		}},
		"DiscardParkedMessages": {"input": map[string]any{"ids": []any{model.ParkedID("billing", id(8, 1))}, "reason": "a test"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.ask(olga, document(t, name), variables)
			if len(got.Errors) > 0 {
				t.Fatalf("errors: %v", got.Errors)
			}
			for field, value := range got.Data {
				if value == nil {
					t.Errorf("%s is null", field)
				}
				if payload, ok := value.(map[string]any); ok && payload["userErrors"] != nil && len(payload["userErrors"].([]any)) > 0 {
					t.Errorf("user errors: %v", payload["userErrors"])
				}
			}
		})
	}
}

// TestFieldsInOtherContextsAreBatched holds the contract against fields that would be asked for one by one.
func TestFieldsInOtherContextsAreBatched(t *testing.T) {
	schema := generated.NewExecutableSchema(generated.Config{}).Schema()
	for _, of := range []string{"Product", "Order", "OrderLine", "Return", "ReturnLine", "CreditNote", "Saga", "Fact", "ChoreographyFact"} {
		for _, field := range schema.Types[of].Fields {
			if field.Directives.ForName("goField") != nil && field.Type.NonNull {
				t.Errorf("%s.%s is in another context and not nullable", of, field.Name)
			}
		}
	}
}

package gateway

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"quadrille.dev/platform/telemetry"
)

var traceID = regexp.MustCompile(`^[0-9a-f]{32}$`)

func TestWhatGoesWrongOnOurSideIsFoundByItsTrace(t *testing.T) {
	if _, err := telemetry.Trace(t.Context(), "gateway"); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.ordering.fail = connect.NewError(connect.CodeInternal, errors.New("password of the database"))
	w.setDown("catalog", true)
	got := w.ask(ada, `{ order(id: "`+id(3, 1)+`") { id } products(first: 1) { totalCount } }`, nil)
	if len(got.Errors) != 2 {
		t.Fatalf("errors: %v", got.Errors)
	}
	for _, e := range got.Errors {
		if id, _ := e.Extensions["traceId"].(string); !traceID.MatchString(id) || strings.Contains(e.Message, "password") {
			t.Errorf("%s: %v", e.Message, e.Extensions)
		}
	}
	if got := w.ask(ada, `{ order(id: "rubbish") { id } }`, nil); got.Errors[0].Extensions["traceId"] != nil {
		t.Errorf("the client's own fault: %v", got.Errors[0].Extensions)
	}
}

func TestInProductionTheSchemaIsNotTold(t *testing.T) {
	production, development := newWorld(t, "PRODUCTION=true"), newWorld(t)
	for name, document := range map[string]string{
		"field":      `{ viewr { id } }`,
		"argument":   `{ products(frst: 1, first: 1) { totalCount } }`,
		"enum":       `{ sagas(first: 1, filter: {state: STUK}) { totalCount } }`,
		"input":      `{ product(by: {sko: "A"}) { id } }`,
		"selections": `{ viewer }`,
	} {
		t.Run(name, func(t *testing.T) {
			if got := development.ask(ada, document, nil); len(got.Errors) == 0 || !strings.Contains(got.Errors[0].Message, "Did you mean") {
				t.Errorf("a developer is told: %v", got.Errors)
			}
			got := production.ask(ada, document, nil)
			if len(got.Errors) == 0 {
				t.Error("it is valid")
			}
			for _, e := range got.Errors {
				if strings.Contains(e.Message, "Did you mean") {
					t.Errorf("a stranger is told: %s", e.Message)
				}
			}
		})
	}
	for _, document := range []string{`{ __schema { types { name } } }`, `{ __type(name: "Order") { name } }`} {
		if got := development.ask(ada, document, nil); len(got.Errors) > 0 {
			t.Errorf("a developer asks %s: %v", document, got.Errors)
		}
		if got := production.ask(olga, document, nil); len(got.Errors) != 1 || got.Errors[0].Message != "Introspection is off." || got.Data != nil {
			t.Errorf("in production %s: %v", document, got)
		}
	}
	if got := production.ask(ada, `{ viewer { __typename } }`, nil); len(got.Errors) > 0 {
		t.Errorf("a type's name: %v", got.Errors)
	}
}

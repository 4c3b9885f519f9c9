package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const deferring = `query($id: ID!) { order(id: $id) { number ...Money @defer(label: "money") ... @defer(label: "goods") { shipment { status } } } }
	fragment Money on Order { payment { status } }`

// parts sends a document as ada, and reads what comes back in parts.
func (w *world) parts(t *testing.T, document string) []map[string]any {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": map[string]any{"id": id(3, 1)}})
	if err != nil {
		t.Fatal(err)
	}
	got := w.exchange("POST", "/graphql", string(body), asJSON, "Authorization: Bearer "+w.token(ada),
		"Accept: multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9")
	form, parameters, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || got.StatusCode != http.StatusOK {
		t.Fatalf("%d %v: %s", got.StatusCode, err, got.Body)
	}
	if form != "multipart/mixed" {
		return []map[string]any{decoded(t, []byte(got.Body))}
	}
	reader := multipart.NewReader(bytes.NewReader([]byte(got.Body)), parameters["boundary"])
	var parts []map[string]any
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return parts
		}
		if err != nil {
			t.Fatalf("%v in %s", err, got.Body)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, decoded(t, content))
	}
}

func decoded(t *testing.T, content []byte) (value map[string]any) {
	t.Helper()
	if err := json.Unmarshal(content, &value); err != nil {
		t.Fatalf("%v in %s", err, content)
	}
	return value
}

// gqlgen would wait for ever for a field that is deferred twice.
func TestWhatIsDeferredTwiceComesAtOnce(t *testing.T) {
	w := newWorld(t)
	for _, selection := range []string{
		`... @defer { shipment { status } } ... @defer { shipment { status } }`,
		`... @defer { number ... @defer { shipment { status } } }`,
		`...Twice @defer ...Again } } fragment Twice on Order { shipment { status } } fragment Again on Order { ... { ... @defer { shipment { status } } `,
	} {
		parts := w.parts(t, `query($id: ID!) { order(id: $id) { `+selection+` } }`)
		if len(parts) != 1 || (answer{Data: parts[0]["data"].(map[string]any)}).at("order", "shipment", "status") != "DISPATCHED" {
			t.Errorf("%s: %v", selection, parts)
		}
	}
}

func TestWhatIsDeferredComesLater(t *testing.T) {
	w := newWorld(t)
	parts := w.parts(t, deferring)
	if len(parts) != 3 {
		t.Fatalf("%d parts: %v", len(parts), parts)
	}
	want := map[string]any{"data": map[string]any{"order": map[string]any{"number": "Q-00000001"}}, "hasNext": true}
	if diff := cmp.Diff(want, parts[0]); diff != "" {
		t.Errorf("first (-want +got):\n%s", diff)
	}
	later := map[string]any{}
	for i, part := range parts[1:] {
		if part["hasNext"] != (i == 0) {
			t.Errorf("part %d: hasNext is %v", i+1, part["hasNext"])
		}
		increment := part["incremental"].([]any)[0].(map[string]any)
		if diff := cmp.Diff([]any{"order"}, increment["path"]); diff != "" {
			t.Errorf("path (-want +got):\n%s", diff)
		}
		later[increment["label"].(string)] = increment["data"]
	}
	wantLater := map[string]any{
		"money": map[string]any{"payment": map[string]any{"status": "CAPTURED"}}, "goods": map[string]any{"shipment": map[string]any{"status": "DISPATCHED"}},
	}
	if diff := cmp.Diff(wantLater, later); diff != "" {
		t.Errorf("later (-want +got):\n%s", diff)
	}
}

func TestADeferredContextThatIsDownIsItsPartsError(t *testing.T) {
	w := newWorld(t)
	w.setDown("billing", true)
	for _, part := range w.parts(t, deferring)[1:] {
		increment := part["incremental"].([]any)[0].(map[string]any)
		failures, failed := increment["errors"].([]any)
		if failed != (increment["label"] == "money") {
			t.Errorf("%v: %v", increment["label"], increment)
		}
		if failed && failures[0].(map[string]any)["extensions"].(map[string]any)["code"] != "CONTEXT_UNAVAILABLE" {
			t.Errorf("errors: %v", failures)
		}
	}
}

// TestNothingIsDeferredForWhoTakesNoParts has what is deferred where else it would be.
func TestNothingIsDeferredForWhoTakesNoParts(t *testing.T) {
	w := newWorld(t)
	got := w.ask(ada, deferring, map[string]any{"id": id(3, 1)})
	if got.at("order", "payment", "status") != "CAPTURED" || got.at("order", "shipment", "status") != "DISPATCHED" || got.at("order", "number") == nil {
		t.Errorf("%v %v", got.Data, got.failures())
	}
	// The document is known now, and must not have lost what it defers.
	if parts := w.parts(t, deferring); len(parts) != 3 {
		t.Errorf("then %d parts: %v", len(parts), parts)
	}
	for name, document := range map[string]string{
		"nothing deferred": `query($id: ID!) { order(id: $id) { payment { status } } }`,
		"not if":           `query($id: ID!) { order(id: $id) { ... @defer(if: false) { payment { status } } } }`,
		"a mutation": `mutation($id: ID!) { cancelOrder(input: {orderId: $id, reason: "", idempotencyKey: ""}) {
			order { ... @defer { payment { status } } } } }`,
	} {
		parts := w.parts(t, document)
		if _, continues := parts[0]["hasNext"]; len(parts) != 1 || continues {
			t.Errorf("%s: %v", name, parts)
		}
		if text, err := json.Marshal(parts[0]); err != nil || !strings.Contains(string(text), `"payment":{"status"`) {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func TestWhatIsDeferredInWhatIsDeferred(t *testing.T) {
	w := newWorld(t)
	parts := w.parts(t, `query($id: ID!) { order(id: $id) { number ... @defer(label: "rest") { cancellation { reason }
		saga { state subject { ... on Order { number ... @defer(label: "money") { payment { status } } } } } } } }`)
	var texts []string
	for _, part := range parts {
		text, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	want := []string{
		// What is at hand is not held back.
		`{"data":{"order":{"cancellation":null,"number":"Q-00000001"}},"hasNext":true}`,
		`{"hasNext":true,"incremental":[{"data":{"saga":{"state":"RUNNING","subject":{"number":"Q-00000001"}}},"label":"rest","path":["order"]}]}`,
		`{"hasNext":false,"incremental":[{"data":{"payment":{"status":"CAPTURED"}},"label":"money","path":["order","saga","subject"]}]}`,
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
}

package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func hash(document string) string {
	sum := sha256.Sum256([]byte(document))
	return hex.EncodeToString(sum[:])
}

// request is a body with a query, unless that is empty, and its hash as clients send it that register documents.
func request(query, hash string) string {
	body := map[string]any{}
	if query != "" {
		body["query"] = query
	}
	if hash != "" {
		body["extensions"] = map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hash}}
	}
	encoded, _ := json.Marshal(body) // there is nothing in it that could not be
	return string(encoded)
}

func (w *world) mustAnswer(t *testing.T, name, body, want string) {
	t.Helper()
	if got := w.exchange("POST", "/graphql", body, asJSON); !strings.Contains(got.Body, want) {
		t.Errorf("%s: %s", name, got.Body)
	}
}

func TestADocumentIsRegisteredByItsHash(t *testing.T) {
	w := newWorld(t)
	const document, invalid = `{ viewer { name } }`, `{ nothing }`
	const answer, unknown = `{"data":{"viewer":null}}`, `"PERSISTED_QUERY_NOT_FOUND"`
	w.mustAnswer(t, "before", request("", hash(document)), unknown)
	w.mustAnswer(t, "under the hash of another", request(document, hash(invalid)), `"BAD_USER_INPUT"`)
	w.mustAnswer(t, "after that", request("", hash(document)), unknown)
	w.mustAnswer(t, "registers", request(document, hash(document)), answer)
	w.mustAnswer(t, "afterwards", request("", hash(document)), answer)
	w.mustAnswer(t, "an invalid one", request(invalid, hash(invalid)), `"GRAPHQL_VALIDATION_FAILED"`)
	w.mustAnswer(t, "which is not registered", request("", hash(invalid)), unknown)
	w.mustAnswer(t, "a hash that is none", request("", "rubbish"), `"BAD_USER_INPUT"`)
	w.mustAnswer(t, "another version", `{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"`+hash(document)+`"}}}`, `"BAD_USER_INPUT"`)
	w.mustAnswer(t, "no object", `{"extensions":{"persistedQuery":1}}`, `"BAD_USER_INPUT"`)
	extensions := url.QueryEscape(`{"persistedQuery":{"version":1,"sha256Hash":"` + hash(document) + `"}}`)
	if got := w.exchange("GET", "/graphql?extensions="+extensions, ""); got.Body != answer {
		t.Errorf("by GET: %s", got.Body)
	}
}

func TestTrustedDocuments(t *testing.T) {
	viewer := document(t, "Viewer")
	// Another client might write it so.
	sameViewer := strings.Join(strings.Fields(viewer), " ") + " # for the header"
	shop := filepath.Join(t.TempDir(), "shop.json")
	if err := os.WriteFile(shop, []byte(`{"who": "{ viewer { email } }"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	const (
		answer      = `"data":{"viewer":null}`
		unknown     = `"PERSISTED_QUERY_NOT_FOUND"`
		distrusted  = `"DOCUMENT_NOT_TRUSTED"`
		other       = `{ viewer { name } }`
		whoByNumber = `{"documentId":"who"}`
	)
	byID := `{"documentId":"sha256:` + hash(viewer) + `"}`
	for mode, wants := range map[string][7]string{
		// verbatim, written otherwise, by hash, by id, an unknown one, an unknown one by its hash, and that again without the text
		"off":    {answer, answer, answer, answer, answer, answer, answer},
		"prefer": {answer, answer, answer, answer, answer, answer, answer},
		"only":   {answer, answer, answer, answer, distrusted, distrusted, unknown},
	} {
		w := newWorld(t, "TRUSTED_DOCUMENTS="+mode)
		for i, body := range []string{
			0: request("", hash(viewer)), 1: byID, 2: request(viewer, ""), 3: request(sameViewer, ""), 4: request(other, ""),
			5: request(other, hash(other)), 6: request("", hash(other)),
		} {
			want := [7]string{wants[2], wants[3], wants[0], wants[1], wants[4], wants[5], wants[6]}[i]
			w.mustAnswer(t, mode+": "+body, body, want)
		}
		w.mustAnswer(t, mode+", not in the manifest", whoByNumber, unknown)
	}
	w := newWorld(t, "TRUSTED_DOCUMENTS=only", "TRUSTED_DOCUMENTS_FILE="+shop)
	w.mustAnswer(t, "of a shop's own", whoByNumber, answer)
	w.mustAnswer(t, "no longer", byID, unknown)
	if got := w.exchange("GET", "/graphql?documentId=who", ""); !strings.Contains(got.Body, answer) {
		t.Errorf("by GET: %s", got.Body)
	}
}

func TestRequestsComeOneAtATimeUnlessAllowed(t *testing.T) {
	single, batches := newWorld(t), newWorld(t, "BATCH_LIMIT=3")
	const one, bad = `{"query":"{__typename}"}`, `{"query":"{nothing}"}`
	single.mustAnswer(t, "a batch", "["+one+"]", "not taken in batches")
	batches.mustAnswer(t, "one", one, `{"data":{"__typename":"Query"}}`)
	batches.mustAnswer(t, "a mutation among others", "["+one+`,{"query":"mutation{__typename}"}]`, `[{"data":{"__typename":"Query"}},{"data":{"__typename":"Mutation"}}]`)
	batches.mustAnswer(t, "a bad one among others", "["+bad+","+one+"]", `,{"data":{"__typename":"Query"}}]`)
	batches.mustAnswer(t, "a subscription among others", `[{"query":"subscription{orderChanged(id:\"x\"){sequence}}"},`+one+`]`, `NOT_ACCEPTABLE"}}]},{"data"`)
	batches.mustAnswer(t, "too many", "["+one+","+one+","+one+","+one+"]", "1 to 3 requests")
	batches.mustAnswer(t, "none", "[]", "1 to 3 requests")
	batches.mustAnswer(t, "something else among others", "["+one+",1]", "BAD_USER_INPUT")
	batches.mustAnswer(t, "an empty one among others", "["+one+",{}]", "no query")
	if got := single.exchange("POST", "/graphql", "["+one+"]", asJSON); got.StatusCode != http.StatusBadRequest {
		t.Errorf("a batch: %d", got.StatusCode)
	}
}

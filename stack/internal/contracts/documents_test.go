package contracts

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDocumentsAreOperationsWithTheirFragments(t *testing.T) {
	const file = `# Things — as a shop sends them.
query A($id: ID!) {
  # by id
  a(id: $id) { ...one }
}

fragment two on T { c }

mutation B { b { ... on T { ...two } } }
fragment one on T { b ...two }
`
	want := map[string]string{}
	for _, document := range []string{
		"query A($id: ID!) {\n  # by id\n  a(id: $id) { ...one }\n}\n\nfragment one on T { b ...two }\n\nfragment two on T { c }",
		"mutation B { b { ... on T { ...two } } }\n\nfragment two on T { c }",
	} {
		sum := sha256.Sum256([]byte(document))
		want[hex.EncodeToString(sum[:])] = document
	}
	manifest, err := Documents(map[string][]byte{"shop.graphql": []byte(file)})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	if err := json.Unmarshal(manifest, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
	if _, err := Documents(map[string][]byte{"shop.graphql": []byte("query {")}); err == nil {
		t.Error("a file that cannot be read is taken")
	}
}

func TestManifestsAreTakenOver(t *testing.T) {
	const document = "query A {\n  a\n}"
	text := sha256.Sum256([]byte(document))
	hash := hex.EncodeToString(text[:])
	manifest, err := Documents(map[string][]byte{"gql/documents.json": []byte(`{"` + hash + `": "query A {\n  a\n}"}`)})
	if want := "{\n  \"" + hash + "\": \"query A {\\n  a\\n}\"\n}\n"; err != nil || string(manifest) != want {
		t.Errorf("%q, %v", manifest, err)
	}
	for _, body := range []string{`{"` + hash + `": "query B { b }"}`, "[]"} {
		if _, err := Documents(map[string][]byte{"documents.json": []byte(body)}); err == nil {
			t.Errorf("%s is taken", body)
		}
	}
}

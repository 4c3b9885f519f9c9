package asyncapi_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"quadrille.dev/schema"
	"quadrille.dev/stack/internal/asyncapi"
)

func page(t *testing.T) string {
	t.Helper()
	html, err := asyncapi.Page(system)
	if err != nil {
		t.Fatal(err)
	}
	again, err := asyncapi.Page(system)
	if err != nil || !bytes.Equal(html, again) {
		t.Fatal("written in another way the second time", err)
	}
	return string(html)
}

// fetches are what would make a browser ask for something.
var fetches = regexp.MustCompile(`(?i)<link|<script|<img|<iframe|src=|@import|url\(|href="[^#]`)

func TestThePageNeedsNothingElse(t *testing.T) {
	if found := fetches.FindString(page(t)); found != "" {
		t.Errorf("the page has %s", found)
	}
}

func TestThePageShowsEveryVersion(t *testing.T) {
	html := page(t)
	personal := 0
	for _, e := range schema.Events() {
		article := section(t, html, `<article class="card" id="`+e.Name+`">`, `</article>`)
		for _, want := range []string{
			e.Description, e.Delivery, string(e.Style), fmt.Sprintf("<dd>%d ", e.Version), e.ID, e.Exchange(),
		} {
			if !strings.Contains(article, strings.ReplaceAll(want, "'", "&#39;")) {
				t.Errorf("%s v%d: %q is not shown", e.Name, e.Version, want)
			}
		}
		for _, consumer := range e.Consumers {
			if !strings.Contains(article, `<span class="tag good">`+consumer+`</span>`) {
				t.Errorf("%s v%d: %s is not shown to consume it", e.Name, e.Version, consumer)
			}
		}
		personal += len(e.Personal)
	}
	// One more explains the mark.
	if marks := strings.Count(html, `class="tag personal"`) - 1; marks != personal {
		t.Errorf("%d fields are marked as personal, %d are", marks, personal)
	}
}

func TestThePageSaysWhatIsInsideOfWhat(t *testing.T) {
	article := section(t, page(t), `id="ordering.order.placed"`, `</article>`)
	for _, row := range []string{
		`<code>lines</code></td><td>array of object, at least 1</td>`,
		`<code>lines[].quantity</code></td><td>integer, ≥ 1</td>`,
		`<code>lines[].unitPrice.currency</code></td><td>string, matches ^[A-Z]{3}$</td>`,
		`<code>pricedFrom</code></td><td>one of LIVE, CACHED</td>`,
	} {
		if !strings.Contains(article, row) {
			t.Errorf("no row %s", row)
		}
	}
}

func section(t *testing.T, html, from, to string) string {
	t.Helper()
	_, rest, found := strings.Cut(html, from)
	inside, _, closed := strings.Cut(rest, to)
	if !found || !closed {
		t.Fatalf("the page has no %s", from)
	}
	return inside
}

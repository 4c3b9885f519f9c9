package gateway

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/gateway/internal/graph/model"
)

// The contexts whose names have as many letters as leave 1 when divided by 3 have one message parked, those that leave 2 have two.
const parkedInAll = "pricing 1, catalog 1, billing 1, ordering 2, fulfillment 2"

func TestParkedMessagesOfAllContextsAreOneList(t *testing.T) {
	w := newWorld(t)
	document := document(t, "ParkedMessages")
	whole := w.ask(olga, document, map[string]any{"first": 100})
	if len(whole.Errors) > 0 || whole.at("parkedMessages", "totalCount") != 7.0 || whole.at("parkedMessages", "pageInfo", "hasNextPage") != false {
		t.Fatalf("%s: %+v", parkedInAll, whole)
	}
	nodes := whole.at("parkedMessages", "nodes").([]any)
	var moments []string
	for _, node := range nodes {
		moments = append(moments, node.(map[string]any)["firstFailedAt"].(string))
	}
	if !slices.IsSorted(moments) {
		t.Errorf("in disorder: %v", moments)
	}
	first := nodes[0].(map[string]any)
	if first["payload"] != `{"name":"***"}` || first["behind"] != 2.0 || first["attempts"] != 10.0 {
		t.Errorf("listed %v", first)
	}
	var paged []any
	variables := map[string]any{"first": 2}
	for range 4 {
		page := w.ask(olga, document, variables)
		paged = append(paged, page.at("parkedMessages", "nodes").([]any)...)
		if next := page.at("parkedMessages", "pageInfo", "hasNextPage"); next != (len(paged) < 7) {
			t.Errorf("after %d there is a next page: %v", len(paged), next)
		}
		variables["after"] = page.at("parkedMessages", "pageInfo", "endCursor")
	}
	ids := func(nodes []any) (ids []string) {
		for _, node := range nodes {
			ids = append(ids, node.(map[string]any)["id"].(string))
		}
		slices.Sort(ids)
		return slices.Compact(ids)
	}
	if diff := cmp.Diff(ids(nodes), ids(paged)); diff != "" {
		t.Error(diff)
	}
}

func TestParkedMessagesAreFiltered(t *testing.T) {
	w := newWorld(t)
	one := model.ParkedID("ordering", id(8, 0))
	for arguments, want := range map[string]string{
		`context: "ordering"`:                       "ordering a.b.: 2",
		`context: "catalog", filter: {ids: []}`:     "",
		`filter: {type: "T", ids: ["` + one + `"]}`: "ordering a.b.T: 2",
	} {
		got := w.ask(olga, `{ parkedMessages(first: 9, `+arguments+`) { groups { context type count } } }`, nil)
		var groups []string
		for _, group := range got.at("parkedMessages", "groups").([]any) {
			g := group.(map[string]any)
			groups = append(groups, fmt.Sprintf("%s %s: %v", g["context"], g["type"], g["count"]))
		}
		if strings.Join(groups, ", ") != want || len(got.Errors) > 0 {
			t.Errorf("%s: %v, %v", arguments, groups, got.Errors)
		}
	}
	for arguments, want := range map[string]string{
		`first: 9, context: "nowhere"`:          "parkedMessages: BAD_USER_INPUT",
		`first: 9, filter: {ids: ["nonsense"]}`: "parkedMessages: BAD_USER_INPUT",
		`first: 0`:                              "parkedMessages: OUT_OF_RANGE",
	} {
		got := w.ask(olga, `{ parkedMessages(`+arguments+`) { totalCount } }`, nil)
		if diff := cmp.Diff([]string{want}, got.failures()); diff != "" {
			t.Errorf("%s:\n%s", arguments, diff)
		}
	}
}

func TestAContextThatIsDownKeepsItsParkedMessagesAlone(t *testing.T) {
	w := newWorld(t)
	w.setDown("ordering", true)
	got := w.ask(olga, document(t, "ParkedMessages"), map[string]any{"first": 100})
	if diff := cmp.Diff([]string{"parkedMessages: CONTEXT_UNAVAILABLE"}, got.failures()); diff != "" || got.Errors[0].Extensions["context"] != "ordering" {
		t.Errorf("%v:\n%s", got.Errors, diff)
	}
	if got.at("parkedMessages", "totalCount") != 5.0 {
		t.Errorf("the rest does not stand: %v", got.Data)
	}
	retried := w.ask(olga, document(t, "RetryParkedMessages"), map[string]any{"input": map[string]any{"ids": []any{
		model.ParkedID("ordering", id(8, 1)), model.ParkedID("billing", id(8, 1)),
	}}})
	if diff := cmp.Diff([]string{"retryParkedMessages: CONTEXT_UNAVAILABLE"}, retried.failures()); diff != "" ||
		retried.at("retryParkedMessages", "retried") != 1.0 {
		t.Errorf("%v:\n%s", retried.Data, diff)
	}
}

func TestRetriesAreDividedAmongTheContexts(t *testing.T) {
	w := newWorld(t)
	billing, absent := model.ParkedID("billing", id(8, 1)), model.ParkedID("pricing", id(8, 99))
	for name, test := range map[string]struct {
		input map[string]any
		want  string
	}{
		"of two contexts":   {map[string]any{"ids": []any{billing, absent}, "dryRun": false}, "1 retried, failed " + absent},
		"a group":           {map[string]any{"group": map[string]any{"context": "ordering", "type": "t", "error": "e"}}, "2 retried"},
		"a payload as text": {map[string]any{"ids": []any{billing}, "payload": `{"a":1}`}, "1 retried"},
		"a payload":         {map[string]any{"ids": []any{billing}, "payload": map[string]any{"a": 1}}, "1 retried"},
		"a broken payload":  {map[string]any{"ids": []any{billing}, "payload": "{"}, "0 retried, MALFORMED payload"},
		"nothing":           {map[string]any{}, "0 retried, REQUIRED ids"},
		"both": {
			map[string]any{"ids": []any{billing}, "group": map[string]any{"context": "ordering", "type": "t", "error": "e"}},
			"0 retried, MALFORMED group",
		},
		"a group of nobody's": {
			map[string]any{"group": map[string]any{"context": "nowhere", "type": "t", "error": "e"}}, "0 retried, NOT_FOUND group.context",
		},
		"one payload for two":     {map[string]any{"ids": []any{billing, absent}, "payload": "{}"}, "0 retried, MALFORMED payload"},
		"an id of something else": {map[string]any{"ids": []any{billing, model.GlobalID("Order", id(3, 1))}}, "0 retried, MALFORMED ids.1"},
		"too many":                {map[string]any{"ids": slices.Repeat([]any{billing}, 101)}, "0 retried, OUT_OF_RANGE ids"},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.ask(olga, document(t, "RetryParkedMessages"), map[string]any{"input": test.input})
			if len(got.Errors) > 0 {
				t.Fatal(got.Errors)
			}
			var told strings.Builder
			fmt.Fprintf(&told, "%v retried", got.at("retryParkedMessages", "retried"))
			for _, failed := range got.at("retryParkedMessages", "failed").([]any) {
				fmt.Fprintf(&told, ", failed %s", failed.(map[string]any)["id"])
			}
			told.WriteString(mistakes(got.at("retryParkedMessages", "userErrors")))
			if told.String() != test.want {
				t.Errorf("got %s, want %s", told.String(), test.want)
			}
		})
	}
}

func TestDiscardsTellWhatIsWrongWhereItIs(t *testing.T) {
	w := newWorld(t)
	billing, absent := model.ParkedID("billing", id(8, 1)), model.ParkedID("pricing", id(8, 99))
	for name, test := range map[string]struct {
		ids  []any
		want string
	}{
		"of two contexts": {[]any{billing, model.ParkedID("ordering", id(8, 1))}, "2 discarded"},
		"none":            {[]any{}, "0 discarded, REQUIRED ids"},
		"no id":           {[]any{billing, "nonsense"}, "0 discarded, MALFORMED ids.1"},
		"no such message": {[]any{billing, absent}, "1 discarded, NOT_FOUND ids.1"},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.ask(olga, document(t, "DiscardParkedMessages"), map[string]any{"input": map[string]any{"ids": test.ids, "reason": "r"}})
			told := fmt.Sprintf("%v discarded", got.at("discardParkedMessages", "discarded"))
			if told += mistakes(got.at("discardParkedMessages", "userErrors")); told != test.want {
				t.Errorf("got %s, want %s", told, test.want)
			}
		})
	}
}

// mistakes are user errors as ", CODE path".
func mistakes(errors any) (told string) {
	for _, wrong := range errors.([]any) {
		w := wrong.(map[string]any)
		var path []string
		for _, part := range w["path"].([]any) {
			path = append(path, part.(string))
		}
		told += fmt.Sprintf(", %s %s", w["code"], strings.Join(path, "."))
	}
	return told
}

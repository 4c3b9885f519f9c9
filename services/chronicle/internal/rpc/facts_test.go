package rpc_test

import (
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/serve"
	chroniclev1 "quadrille.dev/schema/rpc/chronicle/v1"
)

func TestFactsAreForThoseWhoMaySeeTheirSagas(t *testing.T) {
	s := stock()
	ids := []string{uuid.NewString()}
	for _, whose := range []string{"ada's", "grace's", "nobody's"} {
		ids = append(ids, s.facts[whose][0].ID.String())
	}
	all := map[string]string{"ada's": ada.String(), "grace's": grace.String(), "nobody's": ""}
	for name, test := range map[string]struct {
		caller serve.Caller
		want   map[string]string
	}{
		"a customer": {customer, map[string]string{"ada's": ada.String()}},
		"operators":  {operator, all},
		"services":   {service, all},
		"nobody":     {nobody, map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			response, err := handler(s, start).GetFacts(as(test.caller), &chroniclev1.GetFactsRequest{Ids: ids})
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, found := range response.GetFacts() {
				got[found.GetFact().GetCorrelationId()] = found.GetCustomerId()
				if found.GetFact().GetSummary() != "told: "+found.GetFact().GetCorrelationId() {
					t.Errorf("summary is %q", found.GetFact().GetSummary())
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("facts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFactsAreAskedForByIDs(t *testing.T) {
	for name, ids := range map[string][]string{"no id": {"rubbish"}, "too many": make([]string, 1001)} {
		_, err := handler(stock(), start).GetFacts(as(operator), &chroniclev1.GetFactsRequest{Ids: ids})
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
}

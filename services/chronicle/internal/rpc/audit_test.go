package rpc_test

import (
	"fmt"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/serve"
	chroniclev1 "quadrille.dev/schema/rpc/chronicle/v1"
	pagev1 "quadrille.dev/schema/rpc/page/v1"

	"quadrille.dev/services/chronicle/internal/app"
)

func TestTheAuditLogIsForOperators(t *testing.T) {
	for _, caller := range []serve.Caller{customer, service, nobody} {
		_, err := handler(stock(), start).ListAudit(as(caller), &chroniclev1.ListAuditRequest{Page: &pagev1.PageRequest{First: 1}})
		if connect.CodeOf(err) != connect.CodePermissionDenied {
			t.Errorf("%+v gets %v", caller, err)
		}
	}
}

func TestTheAuditLogIsServedInPages(t *testing.T) {
	s := stock()
	for i := range 3 {
		s.log = append(s.log, app.Acted{
			ID: uuid.New(), At: start.Add(-time.Duration(i) * time.Second), Context: "pricing",
			Action: app.Action{Actor: "olga@quadrille.test", Action: "price.changed", Target: "CUP", Detail: fmt.Sprintf("Change %d.", i)},
		})
	}
	h := handler(s, start)
	first, err := h.ListAudit(as(operator), &chroniclev1.ListAuditRequest{Page: &pagev1.PageRequest{First: 2}})
	if err != nil {
		t.Fatal(err)
	}
	if len(first.GetEdges()) != 2 || !first.GetPageInfo().GetHasNextPage() || first.GetPageInfo().GetTotalCount() != 3 {
		t.Fatalf("first page: %v", first)
	}
	entry := first.GetEdges()[1].GetEntry()
	got := []string{
		entry.GetId(), entry.GetAt().AsTime().Format(time.TimeOnly), entry.GetContext(), entry.GetActor(), entry.GetAction(),
		entry.GetTarget(), entry.GetDetail(),
	}
	want := []string{s.log[1].ID.String(), "09:59:59", "pricing", "olga@quadrille.test", "price.changed", "CUP", "Change 1."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	some := &chroniclev1.ListAuditRequest{Page: &pagev1.PageRequest{First: 1}, Ids: []string{s.log[2].ID.String()}}
	if _, err := h.ListAudit(as(operator), some); err != nil || len(s.asked) != 1 || s.asked[0] != s.log[2].ID {
		t.Errorf("asked for %v: %v", s.asked, err)
	}
	after := &pagev1.PageRequest{First: 3, After: first.GetEdges()[1].GetCursor()}
	if _, err := h.ListAudit(as(operator), &chroniclev1.ListAuditRequest{Page: after}); err != nil {
		t.Fatal(err)
	}
	if want := (app.Position{At: s.log[1].At, ID: s.log[1].ID.String()}); s.page.After != want {
		t.Errorf("the next page is after %v, want %v", s.page.After, want)
	}
}

func TestTheAuditLogRefusesBadPages(t *testing.T) {
	h := handler(stock(), start)
	sagas, err := h.ListSagas(as(operator), &chroniclev1.ListSagasRequest{Page: &pagev1.PageRequest{First: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for name, page := range map[string]*pagev1.PageRequest{
		"none": nil, "too large": {First: 101}, "no cursor": {First: 1, After: "?"},
		"a cursor of another list": {First: 1, After: sagas.GetEdges()[0].GetCursor()},
	} {
		_, err := h.ListAudit(as(operator), &chroniclev1.ListAuditRequest{Page: page})
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package parked

import (
	"strings"
	"testing"
	"time"
)

func TestAListIsReadable(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var out strings.Builder
	List{
		Messages: []Message{{
			ID: "UGFya2Vk", Context: "billing", Type: "ordering.order.placed", Subject: "o-1", Attempts: 10, Behind: 2, FirstFailedAt: at,
			Error: "first line\x1b[31m\n" + strings.Repeat("é", 80),
		}},
		Groups:     []Group{{"billing", "ordering.order.placed", "first line", 3}},
		TotalCount: 3,
	}.Write(&out)
	want := "CONTEXT  TYPE                   SUBJECT  ATTEMPTS  BEHIND  SINCE                ERROR" + strings.Repeat(" ", 57) + "ID\n" +
		"billing  ordering.order.placed  o-1      10        2       2026-03-01 12:00:00  first line [31m " + strings.Repeat("é", 43) + "…  UGFya2Vk\n" +
		"… and 2 more\n\n" +
		"COUNT  CONTEXT  TYPE                   ERROR\n" +
		"3      billing  ordering.order.placed  first line\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	out.Reset()
	if (List{}).Write(&out); out.String() != "Nothing is parked.\n" {
		t.Errorf("of nothing: %q", out.String())
	}
}

func TestAMessageIsShownWithItsPayload(t *testing.T) {
	var out strings.Builder
	payload := `{"orderId":"o-1"}`
	Message{ID: "UGFya2Vk", Context: "billing", Payload: &payload}.Write(&out)
	if !strings.HasPrefix(out.String(), "id            UGFya2Vk\ncontext       billing\n") ||
		!strings.HasSuffix(out.String(), "\n\n{\n  \"orderId\": \"o-1\"\n}\n") {
		t.Errorf("got\n%s", out.String())
	}
}

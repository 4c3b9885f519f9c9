package product_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/services/catalog/internal/product"
)

var teapot = product.Details{Name: "Teapot", Description: "Holds six cups.", Category: "Kitchen", ImageURL: "/images/teapot.webp"}

func TestLife(t *testing.T) {
	p, listed := product.List(uuid.MustParse("01940000-0000-7000-8000-000000000001"), "TEAPOT", teapot)
	if diff := cmp.Diff(product.Event(product.Listed{Details: teapot}), listed); diff != "" || p.Version != 1 || p.Retired {
		t.Errorf("listed: %+v, (-want +got):\n%s", p, diff)
	}
	if events := p.Update(teapot); events != nil || p.Version != 1 {
		t.Errorf("updated with nothing new: %v, version %d", events, p.Version)
	}
	revised := product.Details{Name: "Big teapot", Description: "", Category: "Kitchen"}
	want := []product.Event{product.Updated{Changes: []product.Change{
		{Field: "name", Old: "Teapot", New: "Big teapot"},
		{Field: "description", Old: "Holds six cups.", New: ""},
		{Field: "imageUrl", Old: "/images/teapot.webp", New: ""},
	}}}
	if diff := cmp.Diff(want, p.Update(revised)); diff != "" || p.Version != 2 || p.Details != revised {
		t.Errorf("updated: %+v, (-want +got):\n%s", p, diff)
	}
	if diff := cmp.Diff([]product.Event{product.Retired{}}, p.Retire()); diff != "" || p.Version != 3 || !p.Retired {
		t.Errorf("retired: %+v, (-want +got):\n%s", p, diff)
	}
	if events := p.Retire(); events != nil || p.Version != 3 {
		t.Errorf("retired again: %v, version %d", events, p.Version)
	}
}

func TestReadSKU(t *testing.T) {
	for text, want := range map[string]string{
		"85123a": "85123A", " A.b-c_d ": "A.B-C_D", "X": "X",
		"": "Missing", "  ": "Missing", "-A": "Malformed", "A B": "Malformed", "É1": "Malformed", strings.Repeat("A", 41): "Malformed",
	} {
		sku, faults := product.ReadSKU(text)
		if got := sku + reasons(faults); strings.TrimPrefix(got, "sku ") != want {
			t.Errorf("ReadSKU(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestTidy(t *testing.T) {
	for _, c := range []struct {
		change func(*product.Details)
		want   string
	}{
		{func(*product.Details) {}, ""},
		{func(d *product.Details) { d.Description = "" }, ""},
		{func(d *product.Details) { d.Description = "two\r\n\tlines" }, ""},
		{func(d *product.Details) { *d = product.Details{} }, "name Missing, category Missing"},
		{func(d *product.Details) { d.Name = " \t" }, "name Missing"},
		{func(d *product.Details) { d.Name = strings.Repeat("é", 200) }, ""},
		{func(d *product.Details) { d.Name = strings.Repeat("é", 201) }, "name TooLong"},
		{func(d *product.Details) { d.Name = "tea\npot" }, "name Malformed"},
		{func(d *product.Details) { d.Description = strings.Repeat("é", 5001) }, "description TooLong"},
		{func(d *product.Details) { d.Description = "\x00" }, "description Malformed"},
		{func(d *product.Details) { d.Category = strings.Repeat("é", 81) }, "category TooLong"},
		{func(d *product.Details) { d.Category = "\x1b" }, "category Malformed"},
		{func(d *product.Details) { d.ImageURL = "" }, ""},
		{func(d *product.Details) { d.ImageURL = "https://images.test/a%20b.png?w=2" }, ""},
		{func(d *product.Details) { d.ImageURL = "/" + strings.Repeat("a", 2000) }, "imageUrl TooLong"},
		{func(d *product.Details) { d.ImageURL = "images/teapot.png" }, "imageUrl Malformed"},
		{func(d *product.Details) { d.ImageURL = "//elsewhere.test/teapot.png" }, "imageUrl Malformed"},
		{func(d *product.Details) { d.ImageURL = `/\elsewhere.test/teapot.png` }, "imageUrl Malformed"},
		{func(d *product.Details) { d.ImageURL = "javascript:alert(1)" }, "imageUrl Malformed"},
		{func(d *product.Details) { d.ImageURL = "https://" }, "imageUrl Malformed"},
		{func(d *product.Details) { d.ImageURL = "https://user:secret@images.test/" }, "imageUrl Malformed"},
		{func(d *product.Details) { d.ImageURL = "/a b.png" }, "imageUrl Malformed"},
		{func(d *product.Details) { d.ImageURL = "/%zz" }, "imageUrl Malformed"},
	} {
		details := teapot
		c.change(&details)
		if _, faults := details.Tidy(); reasons(faults) != c.want {
			t.Errorf("%.80v: %q, want %q", details, reasons(faults), c.want)
		}
	}
	tidy, _ := product.Details{Name: " Teapot ", Category: "Kitchen\n", Description: "\t", ImageURL: " /a "}.Tidy()
	if want := (product.Details{Name: "Teapot", Category: "Kitchen", ImageURL: "/a"}); tidy != want {
		t.Errorf("tidied to %+v, want %+v", tidy, want)
	}
}

func reasons(faults []product.Fault) string {
	var all []string
	for _, fault := range faults {
		all = append(all, fmt.Sprint(fault.Field, " ", []string{"Missing", "TooLong", "Malformed"}[fault.Reason]))
	}
	return strings.Join(all, ", ")
}

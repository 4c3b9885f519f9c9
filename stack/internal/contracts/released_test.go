package contracts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// repository is the clone that the test lies in.
const repository = "../../.."

func TestTheTreeKeepsWhatWasReleased(t *testing.T) {
	breaches, err := Check(repository)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range breaches {
		t.Error(b)
	}
}

// clone is a directory with contracts, which are released.
func clone(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	write(t, root, "schema/events/shop.thing.sold.v1.json", sold)
	write(t, root, "schema/events/README.md", "Facts.")
	write(t, root, "schema/graphql/shop.graphqls", shop)
	write(t, root, "schema/rpc/shop/v1/shop.proto", `syntax = "proto3";`)
	if breaches, err := Release(root); len(breaches) > 0 || err != nil {
		t.Fatal(breaches, err)
	}
	return root
}

func write(t *testing.T, root, name, content string) {
	t.Helper()
	file := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, root, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(root, name)); err != nil {
		t.Fatal(err)
	}
}

func TestWhatHappensToAClone(t *testing.T) {
	const event = "events/shop.thing.sold.v1.json"
	for name, c := range map[string]struct {
		change func(t *testing.T, root string)
		want   []string
	}{
		"nothing": {func(*testing.T, string) {}, nil},
		"a version is added": {func(t *testing.T, root string) {
			write(t, root, "schema/events/shop.thing.sold.v2.json", `{"type": "object"}`)
		}, nil},
		"a schema is taken away": {func(t *testing.T, root string) {
			remove(t, root, "schema/"+event)
		}, []string{"shop.thing.sold v1 at /: VERSION_REMOVED"}},
		"a schema is changed": {func(t *testing.T, root string) {
			write(t, root, "schema/"+event, strings.Replace(sold, `"note"`, `"remark"`, 1))
		}, []string{"shop.thing.sold v1 at /note: FIELD_RENAMED"}},
		"a schema and its release are changed": {func(t *testing.T, root string) {
			write(t, root, "schema/"+event, `{}`)
			write(t, root, "schema/released/"+event, `{}`)
		}, []string{"shop.thing.sold v1 at schema/released/" + event + ": RELEASE_EDITED"}},
		"a schema and its release are taken away": {func(t *testing.T, root string) {
			remove(t, root, "schema/"+event)
			remove(t, root, "schema/released/"+event)
		}, []string{"shop.thing.sold v1 at schema/released/" + event + ": RELEASE_REMOVED"}},
		"something is put into the release": {func(t *testing.T, root string) {
			write(t, root, "schema/released/rpc/shop/v1/more.proto", ``)
		}, []string{"RPC at schema/released/rpc/shop/v1/more.proto: RELEASE_EDITED"}},
		"the whole release is taken away": {func(t *testing.T, root string) {
			if err := os.RemoveAll(filepath.Join(root, "schema/released")); err != nil {
				t.Fatal(err)
			}
		}, []string{"every contract at schema/released/SHA256SUMS: RELEASE_REMOVED"}},
		"the API is changed": {func(t *testing.T, root string) {
			write(t, root, "schema/graphql/shop.graphqls", strings.Replace(shop, "GBP EUR", "GBP", 1))
		}, []string{"GraphQL at Currency.EUR: ENUM_VALUE_REMOVED"}},
		"a type moves into another file": {func(t *testing.T, root string) {
			write(t, root, "schema/graphql/shop.graphqls", strings.Replace(shop, "scalar Moment", "", 1))
			write(t, root, "schema/graphql/shared.graphqls", "scalar Moment")
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			root := clone(t)
			c.change(t, root)
			breaches, err := Check(root)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, b := range breaches {
				contractPathAndRule := strings.SplitAfterN(b.String(), ": ", 3)
				got = append(got, strings.TrimSuffix(contractPathAndRule[0]+contractPathAndRule[1], ": "))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAReleaseTakesOverWhatBreaksNothing(t *testing.T) {
	root := clone(t)
	more := strings.Replace(sold, `"note": {`, `"gift": {"type": "boolean"}, "note": {`, 1)
	write(t, root, "schema/events/shop.thing.sold.v1.json", more)
	if breaches, err := Release(root); len(breaches) > 0 || err != nil {
		t.Fatal(breaches, err)
	}
	got, err := os.ReadFile(filepath.Join(root, "schema/released/events/shop.thing.sold.v1.json"))
	if string(got) != more || err != nil {
		t.Errorf("released %s, %v", got, err)
	}
	write(t, root, "schema/events/shop.thing.sold.v1.json", sold)
	if breaches, err := Release(root); len(breaches) != 1 || breaches[0].Rule != FieldRemoved || err != nil {
		t.Errorf("the field that was released cannot be taken back: %v, %v", breaches, err)
	}
}

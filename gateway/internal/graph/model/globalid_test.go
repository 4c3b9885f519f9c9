package model

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestKeys(t *testing.T) {
	const key = "0192f0c1-0003-7000-8000-000000000001"
	order := GlobalID(KindOrder, key)
	for name, test := range map[string]struct{ id, want string }{
		"global":              {order, key},
		"bare":                {key, key},
		"bare in capitals":    {strings.ToUpper(key), key},
		"of another kind":     {GlobalID(KindProduct, key), ""},
		"of no kind":          {GlobalID("Invoice", key), ""},
		"without a key":       {GlobalID(KindOrder, ""), ""},
		"with another key":    {GlobalID(KindOrder, "1"), ""},
		"in braces":           {"{" + key + "}", ""},
		"without dashes":      {strings.ReplaceAll(key, "-", ""), ""},
		"of plain text":       {"Order:" + key, ""},
		"in the wrong base64": {base64.StdEncoding.EncodeToString([]byte("Order:" + key + ":>?")), ""},
		"empty":               {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := Key(KindOrder, test.id); got != test.want || (err == nil) != (test.want != "") {
				t.Errorf("%q is read as %q, %v", test.id, got, err)
			}
		})
	}
	if strings.ContainsAny(order, "+/=") {
		t.Errorf("%s is not fit for a URL", order)
	}
}

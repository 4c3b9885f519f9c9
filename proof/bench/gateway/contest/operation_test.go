package contest

import (
	"encoding/json"
	"strings"
	"testing"

	"quadrille.dev/proof/bench/gateway/shop"
)

func TestAnswersThatDifferAreToldApart(t *testing.T) {
	operations, err := Operations(shop.New())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range operations {
		data, err := json.Marshal(o.data)
		if err != nil {
			t.Fatal(err)
		}
		right := string(data)
		tests := map[string]struct {
			answer string
			equal  bool
		}{
			"the same":            {`{"data":` + right + `}`, true},
			"with extensions":     {`{"data":` + right + `,"extensions":{"cost":1}}`, true},
			"with an error":       {`{"data":` + right + `,"errors":[{"message":"no"}]}`, false},
			"another value":       {`{"data":` + strings.Replace(right, `"available":`, `"available":1`, 1) + `}`, false},
			"a field that is not": {`{"data":` + strings.Replace(right, `"sku":`, `"SKU":`, 1) + `}`, false},
			"no data":             {`{}`, false},
			"no JSON":             {`Bad gateway`, false},
		}
		for name, test := range tests {
			t.Run(o.Name+" "+name, func(t *testing.T) {
				if err := o.check([]byte(test.answer)); (err == nil) != test.equal {
					t.Errorf("equal is %t, want %t: %v", err == nil, test.equal, err)
				}
			})
		}
	}
}

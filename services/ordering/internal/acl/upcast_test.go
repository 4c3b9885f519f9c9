package acl

import (
	"encoding/json"
	"testing"

	"quadrille.dev/schema/eventtest"
)

// The golden upcasts: what each example of the first version is in the second.
func TestProfilesAreUpcast(t *testing.T) {
	golden := []string{
		`{"customerId":"01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11","email":"ada@quadrille.test","name":"Ada Lovelace","phone":null,"tier":null}`,
		`{"customerId":"01996f1e-4f02-7d58-96aa-0d7b3c1e9f12","email":"grace@quadrille.test","name":"Grace Hopper","phone":null,"tier":null}`,
	}
	examples := eventtest.Examples("customers.customer.profiled", 1)
	if len(examples) != len(golden) {
		t.Fatalf("%d examples, %d golden upcasts", len(examples), len(golden))
	}
	for i, example := range examples {
		before := string(example)
		lifted, err := profiledV1toV2(example)
		if err != nil || string(lifted) != golden[i] {
			t.Errorf("lifted to %s, %v; want %s", lifted, err, golden[i])
		}
		if string(example) != before {
			t.Error("the payload itself was changed")
		}
	}
	for _, rubbish := range []string{`[]`, `null`, `"text"`} {
		if lifted, err := profiledV1toV2(json.RawMessage(rubbish)); err == nil {
			t.Errorf("%s is lifted to %s", rubbish, lifted)
		}
	}
}

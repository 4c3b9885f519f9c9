package password

import "testing"

// An unknown e-mail address must cost what a known one costs.
func TestTheDecoyCostsWhatAHashCosts(t *testing.T) {
	h := NewHasher(1)
	made, err := h.Hash(t.Context(), "quadrille")
	if err != nil {
		t.Fatal(err)
	}
	stored, err := parse(made)
	if err != nil {
		t.Fatal(err)
	}
	decoy := h.decoy
	if decoy.memory != stored.memory || decoy.passes != stored.passes ||
		decoy.lanes != stored.lanes || len(decoy.sum) != len(stored.sum) {
		t.Errorf("decoy %v, stored %v", decoy, stored)
	}
}

package local_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"quadrille.dev/stack/internal/home"
	"quadrille.dev/stack/local"
)

// Whoever brings one of these along makes every program larger by more than anything of its own: gRPC because it is large, and templates
// that are executed because then the linker keeps every method of every type.
func TestProgramsCarryNeitherGRPCNorTemplates(t *testing.T) {
	root, err := home.Root()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"list", "-deps"}
	for _, p := range local.Programs {
		args = append(args, "./"+p.Package)
	}
	list := exec.CommandContext(t.Context(), "go", args...)
	list.Dir = root
	output, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(output))
	if !slices.Contains(packages, "quadrille.dev/gateway") {
		t.Fatalf("%d packages are not those of the programs", len(packages))
	}
	for _, heavy := range []string{"google.golang.org/grpc", "html/template"} {
		if slices.Contains(packages, heavy) {
			t.Errorf("a program carries %s: `go list -deps` tells through whom", heavy)
		}
	}
}

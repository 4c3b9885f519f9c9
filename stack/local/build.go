package local

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Build builds all programs of the repository at root into the directory bin. Only what has changed is built, and one build at a time
// writes there. More arguments of go build can be given, such as -race, or packages that are not part of the system.
func Build(ctx context.Context, root, bin string, more ...string) error {
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return fmt.Errorf("build programs: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(bin, ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return fmt.Errorf("build programs: %w", err)
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("build programs: %w", err)
	}
	// Without paths in them, packages that were built in one clone need not be built in another.
	args := []string{"build", "-trimpath", "-o", bin + string(filepath.Separator), "-ldflags", "-X quadrille.dev/platform/serve.version=" + revision(ctx, root)}
	if slices.Contains(more, "-race") {
		args = append(args, "-pgo=off") // nobody waits for the speed of these, but for their being built
	}
	args = append(args, more...)
	for _, p := range Programs {
		args = append(args, "./"+p.Package)
	}
	build := exec.CommandContext(ctx, "go", args...)
	build.Dir = root
	if !slices.Contains(more, "-race") { // which needs C
		// Without C's library, as in the image, a program is 1.3 MB smaller in memory.
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
	}
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build programs: %w\n%s", err, output)
	}
	return nil
}

// revision is the commit that is checked out, marked when files differ from it; empty outside of a repository.
func revision(ctx context.Context, root string) string {
	// Whoever may build the sources may read their revision, also when the clone is another user's.
	output, err := exec.CommandContext(ctx, "git", "-c", "safe.directory=*", "-C", root, "describe", "--always", "--abbrev=12", "--dirty").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(output))
}

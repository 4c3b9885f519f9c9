package localtest

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"quadrille.dev/stack/internal/server"
)

// began tells the runs of a test apart.
var began = time.Now().UTC().Format("20060102T150405Z")

// keepLogs copies the logs of a test that has failed out of a directory that ends with it, and shows what they tell in the end.
func keepLogs(t testing.TB, dir string) {
	t.Helper()
	logs, _ := filepath.Glob(filepath.Join(dir, "*.log")) // the pattern is well-formed
	kept := filepath.Join(Root(t), ".stack", "failed", strings.ReplaceAll(t.Name(), "/", "-")+"-"+began)
	if err := os.MkdirAll(kept, 0o755); err != nil {
		t.Errorf("keep logs: %v", err)
	}
	for _, log := range logs {
		path := filepath.Join(kept, filepath.Base(log))
		if err := copyFile(path, log); err != nil {
			t.Errorf("keep logs: %v", err)
		}
		t.Logf("%s ends so, without what tells of nothing wrong:\n%s", path, server.Telling(log))
	}
}

func copyFile(to, from string) error {
	source, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	defer source.Close()
	target, err := os.Create(to)
	if err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	if _, err := io.Copy(target, source); err != nil {
		target.Close()
		return fmt.Errorf("copy %s: %w", from, err)
	}
	if err := target.Close(); err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	return nil
}

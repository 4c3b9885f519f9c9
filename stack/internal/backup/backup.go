// Package backup takes the databases of the contexts away, and brings them back into a system that has gone on meanwhile.
package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"quadrille.dev/stack/internal/server"
)

// Manifest says what a backup holds.
type Manifest struct {
	// TakenAt is before the first database was read.
	TakenAt time.Time `json:"takenAt"`
	// Contexts are those whose databases it holds.
	Contexts []string `json:"contexts"`
}

const manifest = "backup.json"

// ErrThere refuses to overwrite a backup.
var ErrThere = errors.New("there is a backup already")

func file(dir, name string) string { return filepath.Join(dir, name+".dump") }

// Take writes the databases of contexts, by name, into a directory that is made. URLs are a superuser's. Each database is as it was at
// one moment; the moments differ. The manifest is written last: a directory without one holds no backup.
func Take(ctx context.Context, dir string, urls map[string]string) (Manifest, error) {
	taken := Manifest{TakenAt: time.Now().UTC()}
	if _, err := os.Stat(filepath.Join(dir, manifest)); !errors.Is(err, fs.ErrNotExist) {
		return taken, errors.Join(fmt.Errorf("back up into %s: %w", dir, ErrThere), err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return taken, fmt.Errorf("back up: %w", err)
	}
	group, dumping := errgroup.WithContext(ctx)
	group.SetLimit(2)
	for name, address := range urls {
		taken.Contexts = append(taken.Contexts, name)
		group.Go(func() error {
			err := server.RunPostgresTool(dumping, "pg_dump", address, "--format=custom", "--no-owner", "--no-privileges", "--file="+file(dir, name))
			if err != nil {
				return fmt.Errorf("back up %s: %w", name, err)
			}
			return os.Chmod(file(dir, name), 0o600)
		})
	}
	if err := group.Wait(); err != nil {
		return taken, err
	}
	text, err := json.MarshalIndent(taken, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, manifest), append(text, '\n'), 0o600)
	}
	if err != nil {
		return taken, fmt.Errorf("back up: %w", err)
	}
	return taken, nil
}

// Read tells what a directory holds.
func Read(dir string) (Manifest, error) {
	var held Manifest
	text, err := os.ReadFile(filepath.Join(dir, manifest))
	if err == nil {
		err = json.Unmarshal(text, &held)
	}
	if err != nil {
		return held, fmt.Errorf("read backup: %w", err)
	}
	return held, nil
}

// database is the URL of a database on the server of another.
func database(address, name string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("read the URL of PostgreSQL: %w", err)
	}
	u.Path = "/" + name
	return u.String(), nil
}

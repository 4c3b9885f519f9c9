package contracts

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Rules of the release itself, which is what is compared with: its files are taken over, and never touched otherwise.
const (
	ReleaseEdited  Rule = "RELEASE_EDITED"
	ReleaseRemoved Rule = "RELEASE_REMOVED"
)

// In a clone, contracts are below schema, and those that were last released below schema/released, in the same places.
const (
	present  = "schema"
	released = "schema/released"
	// sums lists the files of the release as sha256sum does.
	sums = "SHA256SUMS"
)

// kinds are the directories of contracts, and how the files in them end.
var kinds = []struct{ dir, suffix string }{{"events", ".json"}, {"graphql", ".graphqls"}, {"rpc", ".proto"}}

// Check answers what the clone at root breaks of what was released. It does not look into RPCs, but sees to the files of their release.
func Check(root string) ([]Breach, error) {
	old, err := read(filepath.Join(root, released))
	if err != nil {
		return nil, err
	}
	now, err := read(filepath.Join(root, present))
	if err != nil {
		return nil, err
	}
	breaches, err := untouched(root, old)
	if err != nil {
		return nil, err
	}
	events, err := CompareEvents(byContract(old), byContract(now))
	if err != nil {
		return nil, err
	}
	api, err := CompareGraphQL(below("graphql/", old), below("graphql/", now))
	return slices.Concat(breaches, events, api), err
}

// Release makes the contracts of the clone at root the released ones, unless that breaks something.
func Release(root string) ([]Breach, error) {
	if _, err := os.Stat(filepath.Join(root, released)); !errors.Is(err, fs.ErrNotExist) {
		if breaches, err := Check(root); len(breaches) > 0 || err != nil {
			return breaches, err
		}
	}
	files, err := read(filepath.Join(root, present))
	if err != nil {
		return nil, err
	}
	if err := os.RemoveAll(filepath.Join(root, released)); err != nil {
		return nil, fmt.Errorf("take away the last release: %w", err)
	}
	files[sums] = list(files)
	for name, content := range files {
		file := filepath.Join(root, released, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return nil, fmt.Errorf("release %s: %w", name, err)
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return nil, fmt.Errorf("release %s: %w", name, err)
		}
	}
	return nil, nil
}

// read reads the contracts below a directory, by their slashed paths in it.
func read(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, kind := range kinds {
		err := fs.WalkDir(os.DirFS(dir), kind.dir, func(name string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || entry.IsDir() || !strings.HasSuffix(name, kind.suffix) {
				return err
			}
			files[name], err = os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read contracts: %w", err)
		}
	}
	return files, nil
}

// list is a line for each file: what sha256sum writes and checks.
func list(files map[string][]byte) []byte {
	var lines bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&lines, "%s  %s\n", sum(files[name]), name)
	}
	return lines.Bytes()
}

func sum(content []byte) string {
	hash := sha256.Sum256(content)
	return hex.EncodeToString(hash[:])
}

// untouched answers which files of the release are not as they were when it was made.
func untouched(root string, files map[string][]byte) ([]Breach, error) {
	text, err := os.ReadFile(filepath.Join(root, released, sums))
	if errors.Is(err, fs.ErrNotExist) {
		return []Breach{{"every contract", path.Join(released, sums), ReleaseRemoved, "there is no release to compare with"}}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read release: %w", err)
	}
	var breaches []Breach
	listed := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		want, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		listed[name] = true
		switch content, there := files[name]; {
		case !there:
			breaches = append(breaches, Breach{contractOf(name), path.Join(released, name), ReleaseRemoved, "the file is gone"})
		case sum(content) != want:
			breaches = append(breaches, Breach{contractOf(name), path.Join(released, name), ReleaseEdited, "the file is not what was released"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !listed[name] {
			breaches = append(breaches, Breach{contractOf(name), path.Join(released, name), ReleaseEdited, "the file was not released"})
		}
	}
	return breaches, nil
}

// contractOf is what a file is called in a breach: "ordering.order.placed v1", "GraphQL", "RPC".
func contractOf(name string) string {
	switch dir, file, _ := strings.Cut(name, "/"); dir {
	case "events":
		stem := strings.TrimSuffix(file, ".json")
		if at := strings.LastIndex(stem, ".v"); at >= 0 {
			return stem[:at] + " " + stem[at+1:]
		}
		return stem
	case "graphql":
		return "GraphQL"
	default:
		return "RPC"
	}
}

func byContract(files map[string][]byte) map[string][]byte {
	schemas := map[string][]byte{}
	for name, content := range below("events/", files) {
		schemas[contractOf(name)] = content
	}
	return schemas
}

func below(dir string, files map[string][]byte) map[string][]byte {
	chosen := maps.Clone(files)
	maps.DeleteFunc(chosen, func(name string, _ []byte) bool { return !strings.HasPrefix(name, dir) })
	return chosen
}

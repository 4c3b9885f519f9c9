package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"quadrille.dev/stack/internal/contracts"
)

// writeDocuments writes the manifest of the documents in the .graphql files of directories, and of manifests that lie there.
func writeDocuments(args []string) error {
	if len(args) < 2 {
		return errors.New("documents: say the manifest to write, and directories with .graphql files or manifests")
	}
	files := map[string][]byte{}
	for _, dir := range args[1:] {
		paths, err := filepath.Glob(filepath.Join(dir, "*.graphql"))
		manifest := filepath.Join(dir, "documents.json")
		if _, missing := os.Stat(manifest); missing == nil {
			paths = append(paths, manifest)
		}
		if err != nil || len(paths) == 0 {
			return fmt.Errorf("documents: there are none in %s", dir)
		}
		for _, path := range paths {
			if files[path], err = os.ReadFile(path); err != nil {
				return fmt.Errorf("read documents: %w", err)
			}
		}
	}
	manifest, err := contracts.Documents(files)
	if err != nil {
		return err
	}
	return write(args[0], manifest)
}

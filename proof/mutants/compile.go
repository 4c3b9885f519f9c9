package mutants

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// compiler tells mutants that compile from those that do not, without building them.
type compiler struct {
	root      string
	positions *token.FileSet
	imports   types.Importer
	// exports are the files in which the go command keeps what packages export, by import path.
	exports map[string]string
	// sources are the files of a package, by its directory.
	sources map[string][]string
	parsed  map[string]*ast.File
}

// newCompiler builds what mutants import.
func newCompiler(ctx context.Context, root string) (*compiler, error) {
	c := &compiler{
		root: root, positions: token.NewFileSet(), exports: map[string]string{}, sources: map[string][]string{}, parsed: map[string]*ast.File{},
	}
	c.imports = importer.ForCompiler(c.positions, "gc", func(path string) (io.ReadCloser, error) { return os.Open(c.exports[path]) })
	arguments := []string{"list", "-export", "-deps", "-json=ImportPath,Export,Dir,GoFiles"}
	for _, dir := range packages {
		arguments = append(arguments, "./"+dir)
	}
	for _, e := range edits {
		arguments = append(arguments, "./"+filepath.Dir(e.file))
	}
	list := exec.CommandContext(ctx, "go", arguments...)
	list.Dir, list.Stderr = root, os.Stderr
	listed, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("list what mutants import: %w", err)
	}
	for decoder := json.NewDecoder(bytes.NewReader(listed)); ; {
		var listed struct {
			ImportPath, Export, Dir string
			GoFiles                 []string
		}
		switch err := decoder.Decode(&listed); {
		case errors.Is(err, io.EOF):
			return c, nil
		case err != nil:
			return nil, fmt.Errorf("list what mutants import: %w", err)
		}
		c.exports[listed.ImportPath], c.sources[listed.Dir] = listed.Export, listed.GoFiles
	}
}

// check tells why a mutant does not compile; nil if it does. What its package exports is not held against those who import it.
func (c *compiler) check(m Mutant) error {
	dir := filepath.Join(c.root, filepath.Dir(m.File))
	var files []*ast.File
	for _, name := range c.sources[dir] {
		file, err := c.parse(filepath.Join(dir, name), m)
		if err != nil {
			return err
		}
		files = append(files, file)
	}
	_, err := (&types.Config{Importer: c.imports, Sizes: types.SizesFor("gc", "amd64")}).Check(dir, c.positions, files, nil)
	return err
}

func (c *compiler) parse(path string, m Mutant) (*ast.File, error) {
	if strings.HasSuffix(path, "/"+m.File) {
		return parser.ParseFile(c.positions, path, m.Source, parser.SkipObjectResolution)
	}
	if known := c.parsed[path]; known != nil {
		return known, nil
	}
	file, err := parser.ParseFile(c.positions, path, nil, parser.SkipObjectResolution)
	c.parsed[path] = file
	return file, err
}

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"quadrille.dev/stack/internal/contracts"
	"quadrille.dev/stack/local"
)

// keepContracts looks after the contracts of the clone in a directory.
func keepContracts(args []string) error {
	if len(args) != 2 {
		return errors.New("contracts: say describe, check or release, and name the directory of the clone")
	}
	switch act, root := args[0], args[1]; act {
	case "describe":
		return describe(root)
	case "check":
		return report(contracts.Check(root))
	case "release":
		return report(contracts.Release(root))
	default:
		return fmt.Errorf("contracts: %q is none of describe, check, release", act)
	}
}

// describe writes the AsyncAPI document and the page that shows the same to people.
func describe(root string) error {
	for name, describe := range map[string]func() ([]byte, error){
		"schema/asyncapi.json": local.AsyncAPI, "docs/contracts.html": local.ContractsPage,
	} {
		content, err := describe()
		if err != nil {
			return err
		}
		if err := write(filepath.Join(root, name), content); err != nil {
			return fmt.Errorf("describe contracts: %w", err)
		}
	}
	return nil
}

func report(breaches []contracts.Breach, err error) error {
	if err != nil {
		return err
	}
	for _, breach := range breaches {
		fmt.Fprintln(os.Stderr, breach)
	}
	if len(breaches) > 0 {
		return fmt.Errorf("contracts: %d breaches of what was released; what breaks a consumer is a new version beside the old one", len(breaches))
	}
	return nil
}

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"quadrille.dev/stack/local"
)

// deployment writes the generated files below the directory of deployments.
func deployment(args []string) error {
	if len(args) != 1 {
		return errors.New("deployment: name the directory")
	}
	definitions, err := local.RabbitMQDefinitions()
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		"rabbitmq/definitions.json": definitions,
		"postgres/databases.sql":    []byte(local.PostgresScript()),
	} {
		path := filepath.Join(args[0], name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("write deployment: %w", err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return fmt.Errorf("write deployment: %w", err)
		}
	}
	return nil
}

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
		if err := write(filepath.Join(args[0], name), content); err != nil {
			return fmt.Errorf("write deployment: %w", err)
		}
	}
	return nil
}

func write(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o644)
}

// Command generate writes the gateway's code from the client's contract: gqlgen's own, and beside it, in the same package, what
// gateway/internal/execute needs to execute operations without looking at types at run time.
package main

import (
	"fmt"
	"os"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"
)

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate() error {
	configuration, err := config.LoadConfigFromDefaultLocations()
	if err != nil {
		return fmt.Errorf("read gqlgen.yml: %w", err)
	}
	return api.Generate(configuration, api.AddPlugin(planned{}))
}

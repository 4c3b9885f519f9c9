package server

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
)

// RunPostgresTool runs one of the programs that come with PostgreSQL, such as pg_dump, against the server and database of a URL.
func RunPostgresTool(ctx context.Context, name, database string, args ...string) error {
	installed := installedPostgres()
	if len(installed) == 0 {
		return fmt.Errorf("find %s: PostgreSQL %d or newer is not installed; stack/install.sh installs it", name, oldestPostgres)
	}
	newest := slices.MaxFunc(installed, func(a, b postgresInstallation) int { return a.major - b.major })
	address, err := url.Parse(database)
	if err != nil {
		return fmt.Errorf("read the URL of a database: %w", err)
	}
	password, _ := address.User.Password()
	address.User = url.User(address.User.Username())
	tool := exec.CommandContext(ctx, filepath.Join(newest.bin, name), append(args, "--dbname="+address.String())...)
	tool.Env = append(basicEnv("/"), "PGPASSWORD="+password)
	var output bytes.Buffer
	tool.Stdout, tool.Stderr = &output, &output
	if err := tool.Run(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, output.String())
	}
	return nil
}

package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldestPostgres is the first major version that Quadrille works with.
const oldestPostgres = 15

// postgresBin is the directory of the server's programs: of the version that made the cluster in data, else of the newest.
func postgresBin(data string) (string, error) {
	installed := installedPostgres()
	if len(installed) == 0 {
		return "", fmt.Errorf("find PostgreSQL: version %d or newer is not installed; stack/install.sh installs it", oldestPostgres)
	}
	written, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		newest := slices.MaxFunc(installed, func(a, b postgresInstallation) int { return a.major - b.major })
		return newest.bin, nil
	}
	if err != nil {
		return "", fmt.Errorf("read the cluster's version: %w", err)
	}
	version := strings.TrimSpace(string(written))
	for _, candidate := range installed {
		if strconv.Itoa(candidate.major) == version {
			return candidate.bin, nil
		}
	}
	return "", fmt.Errorf("find PostgreSQL %s, which made the data in %s: it is no longer installed; `make reset` forgets the data",
		version, data)
}

type postgresInstallation struct {
	major int
	bin   string
}

// installedPostgres looks where Debian keeps the versions side by side, and on the PATH.
func installedPostgres() []postgresInstallation {
	servers, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres") // the pattern is well-formed
	if path, err := exec.LookPath("postgres"); err == nil {
		if resolved, err := filepath.EvalSymlinks(path); err == nil {
			servers = append(servers, resolved)
		}
	}
	var found []postgresInstallation
	for _, server := range servers {
		bin := filepath.Dir(server)
		if _, err := os.Stat(filepath.Join(bin, "initdb")); err != nil {
			continue
		}
		if major := postgresMajor(server); major >= oldestPostgres {
			found = append(found, postgresInstallation{major, bin})
		}
	}
	return found
}

var postgresVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func postgresMajor(server string) int {
	output, err := exec.Command(server, "--version").Output()
	match := postgresVersion.FindSubmatch(output)
	if err != nil || match == nil {
		return 0
	}
	major, _ := strconv.Atoi(string(match[1])) // the pattern lets only digits through
	return major
}

package server

import (
	"fmt"
	"os"
	"strings"
)

// failed is the error of a server that ended before it answered, with the end of its log, where the reason stands.
func failed(name, log string, err error) error {
	text, readErr := os.ReadFile(log)
	if readErr != nil {
		return fmt.Errorf("start %s: ended early: %w", name, err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	lines = lines[max(0, len(lines)-15):]
	return fmt.Errorf("start %s: ended early: %w; the end of %s:\n%s", name, err, log, strings.Join(lines, "\n"))
}

// basicEnv is the environment of the servers: none of the caller's settings reach them.
func basicEnv(home string) []string {
	return []string{"PATH=" + os.Getenv("PATH") + ":/usr/local/sbin:/usr/sbin:/sbin", "LANG=C.UTF-8", "TZ=UTC", "HOME=" + home}
}

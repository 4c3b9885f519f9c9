package server

import (
	"os"
	"strings"
)

// Tail is the end of a log, where the reason of a failure stands.
func Tail(log string) string {
	text, err := os.ReadFile(log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-12):], "\n")
}

// basicEnv is the environment of the servers: none of the caller's settings reach them.
func basicEnv(home string) []string {
	return []string{"PATH=" + os.Getenv("PATH") + ":/usr/local/sbin:/usr/sbin:/sbin", "LANG=C.UTF-8", "TZ=UTC", "HOME=" + home}
}

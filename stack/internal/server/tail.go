package server

import (
	"os"
	"slices"
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

// idle marks the records of the servers' logs and the programs' that tell of nothing wrong.
var idle = []string{`"level":"DEBUG"`, `"level":"INFO"`, " [debug] ", " [info] ", " [notice] ", " LOG:  "}

// Telling is the end of a log without the records that tell of nothing wrong. Lines are cut, since a server may print its whole state.
func Telling(log string) string {
	const most, width = 40, 500
	text, err := os.ReadFile(log)
	if err != nil {
		return err.Error()
	}
	lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(string(text)), "\n"), func(line string) bool {
		return slices.ContainsFunc(idle, func(mark string) bool { return strings.Contains(line, mark) })
	})
	lines = lines[max(0, len(lines)-most):]
	for i, line := range lines {
		if len(line) > width {
			lines[i] = strings.ToValidUTF8(line[:width], "") + "…"
		}
	}
	return strings.Join(lines, "\n")
}

// basicEnv is the environment of the servers: none of the caller's settings reach them.
func basicEnv(home string) []string {
	return []string{"PATH=" + os.Getenv("PATH") + ":/usr/local/sbin:/usr/sbin:/sbin", "LANG=C.UTF-8", "TZ=UTC", "HOME=" + home}
}

package local

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
)

// logFilter keeps a program's log in a file and passes its warnings and errors on, in a form for people.
type logFilter struct {
	program string
	file    io.Writer
	warn    func(line string)

	mu   sync.Mutex
	rest []byte
}

func (l *logFilter) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n, err := l.file.Write(text); err != nil {
		return n, err
	}
	l.rest = append(l.rest, text...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			return len(text), nil
		}
		if warning := warningIn(line); warning != "" {
			l.warn(l.program + ": " + warning)
		}
		l.rest = bytes.Clone(rest)
	}
}

// warningIn is a line of a log for people, if it is a warning or worse. What is no log record at all, such as a panic, is.
func warningIn(line []byte) string {
	if len(bytes.TrimSpace(line)) == 0 {
		return ""
	}
	record := map[string]any{}
	if err := json.Unmarshal(line, &record); err != nil {
		return string(line)
	}
	level, _ := record["level"].(string)
	if level != "WARN" && level != "ERROR" {
		return ""
	}
	text := strings.ToLower(level) + ": " + fmt.Sprint(record["msg"])
	for _, known := range []string{"time", "level", "msg", "service", "source"} {
		delete(record, known)
	}
	for _, key := range slices.Sorted(maps.Keys(record)) {
		text += fmt.Sprintf(" %s=%v", key, record[key])
	}
	return text
}

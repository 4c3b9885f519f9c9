// Command floor is a server that does nothing but answer prepared bytes: floor ADDRESS DIRECTORY answers /NAME with the file NAME.json.
package main

import (
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func main() {
	if len(os.Args) != 3 {
		slog.Error("usage: floor ADDRESS DIRECTORY")
		os.Exit(2)
	}
	mux, err := prepared(os.Args[2])
	if err != nil {
		slog.Error("read answers", "error", err)
		os.Exit(1)
	}
	server := &http.Server{Addr: os.Args[1], Handler: mux, ReadHeaderTimeout: time.Minute}
	slog.Error("serve", "error", server.ListenAndServe())
	os.Exit(1)
}

// prepared answers the JSON files of a directory.
func prepared(directory string) (http.Handler, error) {
	files, err := filepath.Glob(filepath.Join(directory, "*.json"))
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for _, file := range files {
		answer, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		length := strconv.Itoa(len(answer))
		mux.HandleFunc("/"+strings.TrimSuffix(filepath.Base(file), ".json"), func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", length)
			_, _ = w.Write(answer) //nolint:gosec // G705: it is JSON that a gateway has answered, and nobody's browser reads it
		})
	}
	return mux, nil
}

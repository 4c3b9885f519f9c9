// Command floor is a server that answers prepared bytes: floor ADDRESS DIRECTORY answers /NAME with the file NAME.json. Before it does, it
// asks what is in NAME.requests, if there is anything: the first alone, and then the others at once.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"quadrille.dev/proof/bench/gateway/shop"
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
		name := strings.TrimSuffix(file, ".json")
		answer, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		recorded, err := os.ReadFile(name + ".requests")
		if err != nil {
			return nil, err
		}
		a := &answering{answer: answer, length: strconv.Itoa(len(answer))}
		if err := json.Unmarshal(recorded, &a.requests); err != nil {
			return nil, fmt.Errorf("read %s.requests: %w", name, err)
		}
		mux.Handle("/"+filepath.Base(name), a)
	}
	return mux, nil
}

// asking keeps as many connections as there may be clients.
var asking = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true}}

// answering is one answer, and what is asked before it.
type answering struct {
	answer   []byte
	length   string
	requests []shop.Request
}

func (a *answering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if err := a.ask(r.Context(), r.Header.Get("Authorization")); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", a.length)
	_, _ = w.Write(a.answer)
}

func (a *answering) ask(ctx context.Context, authorization string) error {
	if len(a.requests) == 0 {
		return nil
	}
	if err := ask(ctx, a.requests[0], authorization); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, request := range a.requests[1:] {
		group.Go(func() error { return ask(ctx, request, authorization) })
	}
	return group.Wait()
}

// ask asks once more, with a caller's Authorization.
func ask(ctx context.Context, recorded shop.Request, authorization string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, recorded.URL, bytes.NewReader(recorded.Body))
	if err != nil {
		return err
	}
	request.Header = recorded.Header.Clone()
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := asking.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d: %w", response.StatusCode, err)
	}
	return nil
}

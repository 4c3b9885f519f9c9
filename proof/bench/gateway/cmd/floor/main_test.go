package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"quadrille.dev/proof/bench/gateway/shop"
)

func TestWhatWasRecordedIsAskedBeforeTheAnswer(t *testing.T) {
	var asked atomic.Int64
	both := make(chan struct{})
	context := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if token := r.Header.Get("Authorization"); token != "Bearer olga" || string(body) != r.URL.Path {
			http.Error(w, "not what was recorded", http.StatusBadRequest)
			return
		}
		switch asked.Add(1) {
		case 2:
			<-both // the third comes while the second is under way
		case 3:
			close(both)
		}
	}))
	defer context.Close()
	defer asking.CloseIdleConnections()
	var requests []shop.Request
	for _, path := range []string{"/first", "/second", "/third"} {
		requests = append(requests, shop.Request{URL: context.URL + path, Header: http.Header{"Authorization": {"Bearer ada"}}, Body: []byte(path)})
	}
	directory := t.TempDir()
	write(t, filepath.Join(directory, "orders"), `{"data":{}}`, requests)
	write(t, filepath.Join(directory, "browse"), `{"data":null}`, nil)
	floor, err := prepared(directory)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/orders": `{"data":{}}`, "/browse": `{"data":null}`} {
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader("{}"))
		request.Header.Set("Authorization", "Bearer olga")
		answer := httptest.NewRecorder()
		floor.ServeHTTP(answer, request)
		if answer.Code != http.StatusOK || answer.Body.String() != want {
			t.Errorf("%s was answered %d %s", path, answer.Code, answer.Body)
		}
	}
	if asked.Load() != 3 {
		t.Errorf("%d requests were asked, want 3", asked.Load())
	}
}

func write(t *testing.T, name, answer string, requests []shop.Request) {
	t.Helper()
	recorded, err := json.Marshal(requests)
	if err != nil {
		t.Fatal(err)
	}
	for ending, content := range map[string][]byte{".json": []byte(answer), ".requests": recorded} {
		if err := os.WriteFile(name+ending, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Package web holds the pages that the gateway serves itself, as web/ builds them.
package web

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"
)

// dist is what web/ builds. Without a build there is the index, and a page that says how to build the rest.
//
//go:embed all:dist
var dist embed.FS

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Quadrille playground</title>
<h1>The playground is not built</h1>
<p>Build it with <code>npm ci &amp;&amp; npm run build</code> in <code>web/</code>, then build the gateway again.
`

// Handler serves the index at / and the playground at /playground.
func Handler() http.Handler {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err)
	}
	return handler(files)
}

func handler(files fs.FS) http.Handler {
	mux := http.NewServeMux()
	serve := cached(http.FileServerFS(files))
	mux.Handle("GET /{$}", serve)
	mux.HandleFunc("GET /playground", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/playground/", http.StatusPermanentRedirect)
	})
	if _, err := fs.Stat(files, "playground/index.html"); err != nil {
		mux.HandleFunc("GET /playground/{$}", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(notBuilt))
		})
		return mux
	}
	mux.Handle("GET /playground/", serve)
	return mux
}

// cached lets browsers keep what has a hash in its name; all else they ask for again.
func cached(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/assets/") {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			w.Header().Set("Cache-Control", "no-cache")
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

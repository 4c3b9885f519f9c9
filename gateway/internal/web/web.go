// Package web holds the pages that the gateway serves itself, as web/ builds them.
package web

import (
	"bytes"
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// dist is what web/ builds: a directory for each app with its page, and what the pages need. Without a build there is one page, which
// says how to build them.
//
//go:embed all:dist
var dist embed.FS

// policy has browsers ask nobody but the gateway for anything. Editors style what they draw and work off the page, hence the exceptions.
const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; " +
	"worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"

// noPlayground is what is at the playground's addresses where it is off.
const noPlayground = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>No playground · Quadrille</title>
<style>:root { color-scheme: light dark; font-family: system-ui, sans-serif } body { margin: 3rem auto; max-width: 34rem; padding: 0 1rem }</style>
<h1>There is no playground here</h1>
<p>It is off in production. Whoever runs this gateway can turn it on with <code>PLAYGROUND=true</code>.</p>
<p><a href="/">To the shop</a></p>
</html>
`

// Handler serves the storefront at /, the console at /console and the playground, if there is to be one, at /playground. Whatever else a
// browser wants a page for is the storefront's, which knows its own addresses.
func Handler(playground bool) http.Handler {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err)
	}
	return pages{files, playground}
}

type pages struct {
	files      fs.FS
	playground bool
}

func (p pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Content-Security-Policy", policy)
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	switch {
	case path.Ext(name) != "" && !strings.HasSuffix(name, ".html") && p.has(name):
		p.file(w, r, name)
	case strings.HasPrefix(name, "assets/") || !strings.Contains(r.Header.Get("Accept"), "text/html"):
		http.NotFound(w, r)
	case !p.playground && app(name) == "playground":
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(noPlayground))
	default:
		p.page(w, r, app(name))
	}
}

// app is the app whose addresses begin as name does.
func app(name string) string {
	switch first, _, _ := strings.Cut(name, "/"); first {
	case "console", "playground":
		return first
	}
	return "storefront"
}

// page serves an app's page, which is the same at each of its addresses.
func (p pages) page(w http.ResponseWriter, r *http.Request, app string) {
	w.Header().Set("Cache-Control", "no-cache")
	page := app + "/index.html"
	if !p.has(page) {
		page = "index.html"
	}
	body, err := fs.ReadFile(p.files, page)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, "index.html", time.Time{}, bytes.NewReader(body))
}

// file serves what pages need, zipped if there is that and the browser takes it. Browsers keep what has a hash in its name; all else
// they ask for again.
func (p pages) file(w http.ResponseWriter, r *http.Request, name string) {
	cache := "no-cache"
	if strings.HasPrefix(name, "assets/") {
		cache = "public, max-age=31536000, immutable"
	}
	w.Header().Set("Cache-Control", cache)
	if p.has(name + ".gz") {
		w.Header().Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Type", types[path.Ext(name)])
			name += ".gz"
		}
	}
	http.ServeFileFS(w, r, p.files, name)
}

// types are those of what is zipped; the zipped file's name does not tell.
var types = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
}

func (p pages) has(name string) bool {
	file, err := fs.Stat(p.files, name)
	return err == nil && !file.IsDir()
}

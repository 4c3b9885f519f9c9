package serve

import (
	"net/http"
	"strconv"
)

// sized has answers of Connect say how long they are. Each is written at once; net/http would not know that of those above 2 kB, and send
// them in chunks, which cost both sides.
func sized(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&sizedWriter{ResponseWriter: w}, r)
	})
}

type sizedWriter struct {
	http.ResponseWriter
	begun bool
}

// Unwrap is for [http.ResponseController].
func (w *sizedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *sizedWriter) WriteHeader(status int) {
	w.begun = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *sizedWriter) Write(p []byte) (int, error) {
	if header := w.Header(); !w.begun && header.Get("Content-Type") == contentType {
		header.Set("Content-Length", strconv.Itoa(len(p)))
	}
	w.begun = true
	return w.ResponseWriter.Write(p) //nolint:wrapcheck // it is the writer
}

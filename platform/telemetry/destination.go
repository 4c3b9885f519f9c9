package telemetry

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// uploadTimeout bounds a try to hand over spans, unless it is set.
const uploadTimeout = 10 * time.Second

// destination is where spans are sent, and how.
type destination struct {
	url        string
	headers    map[string]string
	timeout    time.Duration
	compressed bool
	tls        *tls.Config
}

// setting is the value of one of OpenTelemetry's variables for exporters: that for traces, or else that for everything.
func setting(name string) string {
	if value := strings.TrimSpace(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_" + name)); value != "" {
		return value
	}
	return strings.TrimSpace(os.Getenv("OTEL_EXPORTER_OTLP_" + name))
}

// readDestination reads OpenTelemetry's variables for exporters.
func readDestination() (to destination, err error) {
	if setting("PROTOCOL") == "http/json" {
		return to, errors.New("OTEL_EXPORTER_OTLP_PROTOCOL: spans are sent as http/protobuf alone")
	}
	if to.url, err = endpoint(); err != nil {
		return to, err
	}
	if to.headers, err = headers(setting("HEADERS")); err != nil {
		return to, err
	}
	to.timeout = uploadTimeout
	if value := setting("TIMEOUT"); value != "" {
		milliseconds, err := strconv.ParseUint(value, 10, 31)
		if err != nil {
			return to, fmt.Errorf("OTEL_EXPORTER_OTLP_TIMEOUT: %w", err)
		}
		to.timeout = time.Duration(milliseconds) * time.Millisecond
	}
	to.compressed = setting("COMPRESSION") == "gzip"
	to.tls, err = certificates()
	return to, err
}

// endpoint is the URL that is set for traces, as it is, or else a path below the one that is set for everything.
func endpoint() (string, error) {
	name, path := "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", ""
	if strings.TrimSpace(os.Getenv(name)) == "" {
		name, path = "OTEL_EXPORTER_OTLP_ENDPOINT", "v1/traces"
	}
	at, err := url.Parse(strings.TrimSpace(os.Getenv(name)))
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	if at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
		return "", fmt.Errorf("%s: %q is no URL of http or https", name, at)
	}
	if path != "" {
		at = at.JoinPath(path)
	}
	return at.String(), nil
}

// headers reads "name=value,…", in which values are escaped as in a URL.
func headers(list string) (map[string]string, error) {
	headers := map[string]string{}
	for entry := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(entry) == "" {
			continue
		}
		name, escaped, found := strings.Cut(entry, "=")
		value, err := url.PathUnescape(escaped)
		if err != nil || !found || strings.TrimSpace(name) == "" {
			return nil, errors.New("OTEL_EXPORTER_OTLP_HEADERS is not name=value,…")
		}
		headers[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return headers, nil
}

// certificates are those by which the collector is known, and by which it knows this program.
func certificates() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if file := setting("CERTIFICATE"); file != "" {
		authorities, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_CERTIFICATE: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(authorities) {
			return nil, errors.New("OTEL_EXPORTER_OTLP_CERTIFICATE: no certificate in it")
		}
	}
	if certificate, key := setting("CLIENT_CERTIFICATE"), setting("CLIENT_KEY"); certificate != "" && key != "" {
		own, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: %w", err)
		}
		config.Certificates = []tls.Certificate{own}
	}
	return config, nil
}

package acl

import (
	"context"
	"net/http"

	"connectrpc.com/connect"
)

// Probe asks whether something that speaks HTTP is ready.
type Probe struct {
	Name   string
	url    string
	client connect.HTTPClient
}

// NewProbe asks url.
func NewProbe(name, url string, client connect.HTTPClient) Probe { return Probe{name, url, client} }

// Ready asks now.
func (p Probe) Ready(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url, nil)
	if err != nil {
		return false
	}
	response, err := p.client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}

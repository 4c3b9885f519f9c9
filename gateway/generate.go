package gateway

//go:generate go run ./internal/generate

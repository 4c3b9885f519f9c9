package gateway

//go:generate go tool gqlgen

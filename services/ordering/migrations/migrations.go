// Package migrations makes ordering's tables.
package migrations

import "embed"

// FS has the migrations for goose.
//
//go:embed *.sql
var FS embed.FS

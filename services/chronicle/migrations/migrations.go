// Package migrations makes chronicle's tables.
package migrations

import "embed"

// FS holds the migrations, for goose.
//
//go:embed *.sql
var FS embed.FS

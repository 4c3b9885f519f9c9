// Package migrations holds the tables of pricing.
package migrations

import "embed"

// FS are the migrations, in the order of their names.
//
//go:embed *.sql
var FS embed.FS

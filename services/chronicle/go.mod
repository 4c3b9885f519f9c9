module quadrille.dev/services/chronicle

go 1.26.8

require (
	quadrille.dev/platform v0.0.0
	quadrille.dev/schema v0.0.0
)

replace (
	quadrille.dev/platform => ../../platform
	quadrille.dev/schema => ../../schema
)

#!/bin/sh
# Holds the AsyncAPI document against the specification, by AsyncAPI's own parser.
set -eu
cd "$(dirname "$0")/asyncapi"

if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
	echo "quadrille: fetching the parser of AsyncAPI" >&2
	# What packages want to run when they are installed is not needed.
	npm ci --ignore-scripts --no-audit --no-fund
fi
exec node validate.js ../../schema/asyncapi.json

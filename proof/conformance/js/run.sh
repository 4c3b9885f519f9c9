#!/bin/sh
# Runs one of the scripts beside it against a server: run.sh http.js http://127.0.0.1:8080/graphql
set -eu
cd "$(dirname "$0")"

# Tests run these at once, and one of them installs.
exec 9<package-lock.json
flock 9
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
	echo "quadrille: fetching the clients of the conformance suite" >&2
	# What packages want to run when they are installed is not needed.
	npm ci --ignore-scripts --no-audit --no-fund >&2
fi
exec 9<&-
exec node "$@"

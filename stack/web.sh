#!/bin/sh
# Builds the web app into gateway/internal/web/dist, from where the gateway embeds it, unless nothing has changed since the last build.
# With the argument "check" it checks types and style instead.
set -eu
cd "$(dirname "$0")/../web"

if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
	echo "quadrille: fetching what the web app is built from" >&2
	npm ci --no-audit --no-fund
fi

if [ "${1:-}" = check ]; then
	exec npm run check
fi

built=node_modules/.quadrille-built
if [ -f "$built" ] && [ -d ../gateway/internal/web/dist/playground ] &&
	[ -z "$(find . -path ./node_modules -prune -o -newer "$built" -print | head -n 1)" ]; then
	exit 0
fi
echo "quadrille: building the web app" >&2
npm run build
touch "$built"

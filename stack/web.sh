#!/bin/sh
# Builds the web app into gateway/internal/web/dist, from where the gateway embeds it, unless nothing has changed since the last build.
# With the argument "check" it checks types and style instead, with "codegen" it writes the operations' types and documents alone.
set -eu
cd "$(dirname "$0")/../web"

if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
	echo "quadrille: fetching what the web app is built from" >&2
	npm ci --no-audit --no-fund
fi

if [ $# -gt 0 ]; then
	exec npm run --silent "$1"
fi

built=node_modules/.quadrille-built
if [ -f "$built" ] && [ -d ../gateway/internal/web/dist/storefront ] &&
	[ -z "$(find . ../schema/graphql \( -path ./node_modules -o -path ./e2e -o -name gql \) -prune -o -newer "$built" -print | head -n 1)" ]; then
	exit 0
fi
echo "quadrille: building the web app" >&2
# What an earlier build has left; the page for a gateway without a build stays.
find ../gateway/internal/web/dist -mindepth 1 -maxdepth 1 ! -name index.html -exec rm -r {} +
npm run build
touch "$built"

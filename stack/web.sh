#!/bin/sh
# Builds the web app into gateway/internal/web/dist, from where the gateway embeds it, unless nothing changed since the last build.
set -eu
cd "$(dirname "$0")/../web" 2>/dev/null || exit 0
[ -f package.json ] || exit 0
built=node_modules/.quadrille-built
if [ -f "$built" ] && [ -z "$(find . -path ./node_modules -prune -o -type f -newer "$built" -print -quit)" ] &&
	[ "$(find ../gateway/internal/web/dist -type f | wc -l)" -gt 1 ]; then
	exit 0
fi
echo "quadrille: building the web app" >&2
npm ci --no-audit --no-fund
npm run build
touch "$built"

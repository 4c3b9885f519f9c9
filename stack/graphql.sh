#!/bin/sh
# Holds the client's API against the rules of graphql-eslint.
set -eu
cd "$(dirname "$0")/.."

tools=stack/graphql
if [ ! -f $tools/node_modules/.package-lock.json ] || [ $tools/package-lock.json -nt $tools/node_modules/.package-lock.json ]; then
	echo "quadrille: fetching the rules for GraphQL schemas" >&2
	# What packages want to run when they are installed is not needed; some want a newer Node than they need.
	(cd $tools && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
fi
exec node $tools/node_modules/eslint/bin/eslint.js --config $tools/eslint.config.js --max-warnings 0 'schema/graphql/*.graphqls'

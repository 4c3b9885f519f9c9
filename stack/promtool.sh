#!/bin/sh
# Checks the alert rules in deploy/prometheus and runs their tests, with promtool: the one on the PATH, or out of Debian's package, of
# which nothing is installed.
set -eu
cd "$(dirname "$0")/.."
promtool=$(command -v promtool || echo "$PWD/.bin/promtool")

if [ ! -x "$promtool" ]; then
	unpacked=$(mktemp -d)
	trap 'rm -rf "$unpacked"' EXIT
	chmod 0755 "$unpacked"
	if ! (cd "$unpacked" && apt-get -q download prometheus >/dev/null 2>&1); then
		echo "quadrille: asking Debian's mirrors for promtool" >&2
		if [ "$(id -u)" -eq 0 ]; then apt-get -q update >/dev/null; else sudo apt-get -q update >/dev/null; fi
		(cd "$unpacked" && apt-get -q download prometheus >/dev/null)
	fi
	dpkg -x "$unpacked"/prometheus_*.deb "$unpacked/files"
	mkdir -p .bin
	mv "$unpacked/files/usr/bin/promtool" "$promtool"
fi

"$promtool" check config deploy/prometheus/prometheus.yml
"$promtool" test rules deploy/prometheus/alerts_test.yml

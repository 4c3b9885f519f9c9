#!/bin/sh
# Installs what Quadrille needs beside Go, Node and git, with Debian's package manager: PostgreSQL 15 or newer, RabbitMQ, a C
# compiler (for the race detector) and make; and, if told "chromium", the browser that the pages are tested in. Does nothing, quickly, when
# all of it is there. The services that Debian would start and enable on installation are not: Quadrille runs private ones.
set -eu

postgresql_installed() {
	for bin in /usr/lib/postgresql/*/bin "$(dirname "$(command -v postgres || echo /nowhere/postgres)")"; do
		[ -x "$bin/postgres" ] && [ -x "$bin/initdb" ] || continue
		major=$("$bin/postgres" --version | sed -n 's/.*(PostgreSQL) \([0-9][0-9]*\).*/\1/p')
		[ "${major:-0}" -ge 15 ] && return 0
	done
	return 1
}

rabbitmq_installed() {
	[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || command -v rabbitmq-server >/dev/null 2>&1
}

compiler_installed() {
	command -v gcc >/dev/null 2>&1 && echo '#include <stdlib.h>' | gcc -fsyntax-only -x c - 2>/dev/null
}

chromium_installed() {
	command -v chromium >/dev/null 2>&1
}

wanted=${1:-}

missing_packages() {
	postgresql_installed || printf 'postgresql '
	rabbitmq_installed || printf 'rabbitmq-server '
	compiler_installed || printf 'gcc libc6-dev '
	command -v make >/dev/null 2>&1 || printf 'make '
	[ "$wanted" != chromium ] || chromium_installed || printf 'chromium '
}

fail() {
	echo "quadrille: $*" >&2
	exit 1
}

# Installed services would start with the machine.
keep_from_starting() {
	for service in "$@"; do
		update-rc.d "$service" disable >/dev/null 2>&1 || true
		DPKG_MAINTSCRIPT_PACKAGE=quadrille deb-systemd-helper disable "$service.service" "$service.socket" >/dev/null 2>&1 || true
	done
}

# Runs as root: with a policy that lets no service start, which is taken away again whatever happens.
install_packages() {
	policy=/usr/sbin/policy-rc.d
	saved=
	if [ -e "$policy" ] && ! grep -q 'quadrille' "$policy"; then
		saved=$policy.before-quadrille
		mv "$policy" "$saved"
	fi
	restore() {
		rm -f "$policy"
		[ -z "$saved" ] || mv "$saved" "$policy"
	}
	trap restore EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	printf '#!/bin/sh\n# quadrille installs packages without starting their services\nexit 101\n' >"$policy"
	chmod 0755 "$policy"
	export DEBIAN_FRONTEND=noninteractive
	apt-get -o DPkg::Lock::Timeout=300 update
	# shellcheck disable=SC2086 # a list of packages
	apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $1
	for package in $1; do
		case $package in
		postgresql) keep_from_starting postgresql ;;
		rabbitmq-server) keep_from_starting rabbitmq-server epmd ;;
		esac
	done
}

if [ "${1:-}" = --as-root ]; then
	install_packages "$2"
	exit
fi

missing=$(missing_packages)
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null 2>&1 || fail "please install: $missing(there is no apt-get here to do it with)"
echo "quadrille: installing ${missing}with apt-get; no system service is started or enabled" >&2
if [ "$(id -u)" -eq 0 ]; then
	"$0" --as-root "$missing"
elif command -v sudo >/dev/null 2>&1; then
	echo "quadrille: sudo may ask for your password" >&2
	sudo "$0" --as-root "$missing"
else
	fail "please install as root: apt-get install --no-install-recommends $missing"
fi
missing=$(missing_packages)
[ -z "$missing" ] || fail "still missing after the installation: $missing(PostgreSQL must be 15 or newer)"

#!/bin/sh
# Usage: debian-sources.sh SUITE      prints apt sources of another Debian suite, from where this machine has its own.
# So no address is written down: what this machine may reach is known to its administrator.
set -eu
suite=$1
# shellcheck source=/dev/null
. /etc/os-release
root=${APT_ROOT:-/etc/apt}

{
    for file in "$root"/sources.list.d/*.sources; do
        [ ! -f "$file" ] || { cat "$file"; echo; }
    done
    # One line each: "deb [options] address suite components".
    for file in "$root/sources.list" "$root"/sources.list.d/*.list; do
        [ ! -f "$file" ] || sed -n 's/^deb  *\(\[[^]]*\] *\)\{0,1\}\([^ ]*\)  *\([^ ]*\)  *\(.*\)$/Types: deb\nURIs: \2\nSuites: \3\nComponents: \4\n/p' "$file"
    done
} | awk -v RS= -v own="${VERSION_CODENAME:-}" -v suite="$suite" '
    # Only what holds the release itself: security and updates of another suite stand elsewhere.
    $0 ~ "(^|\n)Types:[^\n]*deb" && $0 ~ "(^|\n)Suites:([^\n]* )?" own "( |\n|$)" {
        found = 1
        sub(/Suites:[^\n]*/, "Suites: " suite)
        sub(/Components:[^\n]*/, "Components: main")
        print $0 "\n"
    }
    END { exit !found }
' || {
    echo "expected apt sources of Debian ${VERSION_CODENAME:-} in $root, found none: the images are made from Debian's packages" >&2
    exit 2
}

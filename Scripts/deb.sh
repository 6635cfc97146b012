#!/usr/bin/env bash
# Makes the Debian package of a program that `make static` has built, into .build/deb: Scripts/deb.sh BUILD-FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$PWD/.build/deb
command -v dh >/dev/null || { echo "deb: debhelper is missing: run 'make setup'" >&2; exit 1; }
[ -x "$1/fovea" ] || { echo "deb: $1/fovea is missing: run 'make static'" >&2; exit 1; }
mkdir -p "$folder" && rm -f "$folder"/*.deb
# dh would run every step again only where one has failed before.
debian/rules clean >/dev/null
DEB_FOLDER=$folder debian/rules binary >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
debian/rules clean >/dev/null
echo "deb: $(echo "$folder"/*.deb)"

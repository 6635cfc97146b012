#!/usr/bin/env bash
# Checks the files in Systemd: units that systemd takes without a word, their exposure, and what depends on each other.
set -euo pipefail
cd "$(dirname "$0")/../.."
highest=2.0
fail() { echo "units: $*" >&2; exit 1; }
command -v systemd-analyze >/dev/null || { echo "units: skipped, systemd-analyze (Debian's systemd) is not here"; exit 0; }

diff <(sed -f Tests/Service/template.sed Systemd/fovea.service) Systemd/fovea@.service ||
  fail "fovea@.service is not fovea.service for one camera; make it again: sed -f Tests/Service/template.sed"

# The program and its pages need not be installed here; Tests/Service/package.sh looks for them.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for unit in Systemd/*.service Systemd/*.socket; do
  sed 's|/usr/bin/fovea |/usr/bin/true |' "$unit" >"$folder/$(basename "$unit")"
done
cp "$folder/fovea@.service" "$folder/fovea@door.service"
for unit in fovea.service fovea@door.service fovea.socket; do
  words=$(systemd-analyze verify --man=no --recursive-errors=one "$folder/$unit" 2>&1) || fail "$unit: $words"
  [ -z "$words" ] || fail "$unit: systemd-analyze verify says: $words"
done
for unit in fovea.service fovea@door.service; do
  exposure=$(systemd-analyze security --no-pager --offline=yes "$folder/$unit" |
    sed -nE 's/.*Overall exposure level for [^:]*: ([0-9.]+).*/\1/p')
  [ -n "$exposure" ] || fail "systemd-analyze security says nothing about $unit"
  awk "BEGIN { exit !($exposure <= $highest) }" || fail "$unit: exposure $exposure, $highest is allowed"
  echo "units: $unit: exposure $exposure"
done

mkdir -p "$folder/root/etc" && cp /etc/passwd /etc/group "$folder/root/etc"
systemd-tmpfiles --root="$folder/root" --create "$PWD/Systemd/fovea.tmpfiles" || fail "fovea.tmpfiles is wrong"
[ "$(stat -c %a "$folder/root/etc/fovea/secrets")" = 700 ] || fail "fovea.tmpfiles leaves the secrets open"
mkdir -p "$folder/users/etc"
systemd-sysusers --root="$folder/users" "$PWD/Systemd/fovea.sysusers" >/dev/null 2>&1 || fail "fovea.sysusers is wrong"
grep -q ^fovea: "$folder/users/etc/passwd" || fail "fovea.sysusers makes no user"
echo "units: good"

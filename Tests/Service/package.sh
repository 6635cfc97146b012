#!/usr/bin/env bash
# Checks what 'make install' and 'make deb' make: Tests/Service/package.sh BUILD-FOLDER
set -euo pipefail
cd "$(dirname "$0")/../.."
build=$1
fail() { echo "package: $*" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Everything is there, below DESTDIR, and goes again.
for prefix in /usr /usr/local "$folder/home"; do
  root=$folder/root
  [ "$prefix" != "$folder/home" ] || root=''
  Scripts/install.sh install "$prefix" "$build" "$root" >/dev/null
  installed=$root$prefix
  files=(bin/fovea share/man/man1/fovea.1 share/bash-completion/completions/fovea share/fovea/fovea-default.onnx)
  [ ! -e Systemd/fovea.toml ] || files+=(share/man/man5/fovea.toml.5)
  [ -z "$root" ] || files+=(lib/sysusers.d/fovea.conf lib/tmpfiles.d/fovea.conf)
  for file in "${files[@]}"; do [ -s "$installed/$file" ] || fail "$prefix/$file is not installed"; done
  [ "$(find "$installed" -name _fovea -o -name fovea.fish | wc -l)" = 2 ] || fail "completions for zsh or fish are not installed"
  if [ -n "$root" ]; then
    unit=$(find "$root" -name fovea.service)
    grep -q "^ExecStart=$prefix/bin/fovea serve " "$unit" || fail "fovea.service does not start $prefix/bin/fovea"
    grep -q "^ExecPaths=$prefix/bin/fovea " "$unit" || fail "fovea.service may not start $prefix/bin/fovea"
  fi
  for page in "$installed"/share/man/man?/*; do
    words=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$page" 2>&1 >/dev/null) || true
    [ -z "$words" ] || fail "$page: $words"
  done

  # Every key of the configuration is in its manual page.
  if [ -e Systemd/fovea.toml ]; then
    page=$installed/share/man/man5/fovea.toml.5
    diff <(grep -oE '^#?[a-z_]+ *= ' Systemd/fovea.toml | tr -d '#= ' | sort) \
      <(sed -nE 's/^\\fB([a-z_]+)\\fR = .*/\1/p' "$page" | sort) || fail "fovea.toml.5 lacks keys"
  fi

  # The program needs Debian's libraries and nothing of Swift.
  libraries=$(ldd "$installed/bin/fovea")
  ! grep -E 'swift|Foundation|not found' <<<"$libraries" || fail "the program needs libraries that a target lacks"
  ! readelf -d "$installed/bin/fovea" | grep -E 'R(UN)?PATH' || fail "the program looks for libraries where it lies"
  env -i PATH=/usr/bin:/bin HOME="$folder" "$installed/bin/fovea" inspect | grep -q fovea-default.onnx ||
    fail "the program does not find its model"

  # A changed configuration stays, one as it was made goes with the rest.
  config=$root/etc/fovea/fovea.toml
  if [ -n "$root" ] && [ -e "$config" ]; then
    cp "$config" "$folder/config" && echo "# mine" >>"$config"
    Scripts/install.sh install "$prefix" "$build" "$root" >/dev/null
    Scripts/install.sh uninstall "$prefix" "$build" "$root"
    tail -n 1 "$config" | grep -qx "# mine" || fail "a changed configuration is lost"
    cp "$folder/config" "$config"
  fi
  Scripts/install.sh uninstall "$prefix" "$build" "$root"
  left=$(find "$folder/root" "$folder/home" -type f 2>/dev/null) || true
  [ -z "$left" ] || fail "uninstall leaves $left"
done

debs=(.build/deb/*.deb)
deb=${debs[0]}
[ -s "$deb" ] || fail "there is no package: run 'make deb'"
[ "fovea $(dpkg-deb -f "$deb" Version)" = "$("$build/fovea" --version)" ] || fail "debian/changelog has another version"
for name in libavcodec libmicrohttpd libc6 fonts-dejavu-core; do
  dpkg-deb -f "$deb" Depends | grep -q "$name" || fail "the package does not depend on $name"
done
[ ! -e Systemd/fovea.toml ] || dpkg-deb -I "$deb" conffiles | grep -qx /etc/fovea/fovea.toml ||
  fail "/etc/fovea/fovea.toml is no conffile"
if command -v lintian >/dev/null; then
  words=$(lintian --allow-root --fail-on error,warning --display-level '>=warning' "$deb" 2>&1) || fail "lintian: $words"
  [ -z "$words" ] || fail "lintian: $words"
else
  echo "package: lintian is not installed, its check is skipped"
fi
echo "package: $deb is good, $(($(stat -c %s "$deb") >> 20)) MiB, $(($(dpkg-deb -f "$deb" Installed-Size) >> 10)) MiB installed"

#!/usr/bin/env bash
# Builds Fovea and runs its suite on Debian 13 (FFmpeg 7.1, libmicrohttpd 1.0): Scripts/test-debian13.sh [FILTER]
#
# The system is a folder that mmdebstrap fills once (1.2 GB, ~/.cache/fovea/debian13; remove it to get newer packages).
# This machine's Swift toolchain, this folder and the test data are mounted into it for the run. The build lies in
# .build/debian13.
set -euo pipefail
cd "$(dirname "$0")/.."
filter=${1:-}
fail() { echo "test-debian13: $*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || fail "mounts need root: run 'sudo make test-debian13'."
command -v mmdebstrap >/dev/null || {
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends mmdebstrap >/dev/null
}
toolchain=$(dirname "$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")")
root=${XDG_CACHE_HOME:-$HOME/.cache}/fovea/debian13
# What the toolchain needs of a system, and then what Fovea does.
packages="ca-certificates make git g++ libc6-dev libcurl4t64 libxml2 libedit2 libncurses6 libsqlite3-0 tzdata procps python3 unzip \
$(Scripts/setup.sh --list)"

if [ "$(cat "$root.packages" 2>/dev/null)" != "$packages" ]; then
  rm -rf "$root" && mkdir -p "$root"
  mmdebstrap --quiet --variant=apt --include="${packages// /,}" trixie "$root"
  echo "$packages" >"$root.packages"
fi

export project=$PWD data=${FOVEA_TEST_DATA:-$PWD/../shared/data} toolchain root filter
# A mount namespace of its own: the mounts end with the run.
exec unshare --mount --pid --fork bash -euc '
  data=$(realpath -m "$data")
  mount -t proc proc "$root/proc"
  mount -t tmpfs tmp "$root/tmp"
  for folder in /dev "$toolchain" "$project" "$data"; do
    [ -d "$folder" ] || continue
    mkdir -p "$root$folder"
    mount --bind "$folder" "$root$folder"
  done
  exec env -i HOME=/root LANG=C.UTF-8 PATH="$toolchain/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin" FOVEA_TEST_DATA="$data" \
    FOVEA_STRICT="${FOVEA_STRICT:-}" chroot "$root" bash -euc "
      cd \"$project\"
      [ -n \"\$FOVEA_STRICT\" ] || unset FOVEA_STRICT
      swift build -c release --build-tests --scratch-path .build/debian13
      swift test -c release --skip-build --scratch-path .build/debian13 ${filter:+--filter \"$filter\"}"
'

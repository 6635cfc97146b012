#!/usr/bin/env bash
# Tries the Debian package and its service in a throw-away machine with systemd and a virtual camera: Tests/Service/test.sh [DEB]
#
# The machine's system is an image that mmdebstrap fills once (~/.cache/fovea/service, 0.6 GB; made again when the package
# depends on something else). What happens in it is in-vm.sh.
set -euo pipefail
cd "$(dirname "$0")/../.."
skip() { echo "service tests: skipped, $*"; exit 0; }
[ "$(id -u)" = 0 ] || skip "the machine's system is made by root only"
deb=${1:-$(echo .build/deb/*.deb)}
[ -s "$deb" ] || { echo "service tests: there is no package: run 'make deb'" >&2; exit 1; }
for program in mmdebstrap mke2fs; do
  command -v $program >/dev/null && continue
  apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install -y \
    --no-install-recommends mmdebstrap e2fsprogs >/dev/null || skip "mmdebstrap or e2fsprogs cannot be installed"
done

# What the package depends on is in the image, so that the package can be installed there without a network.
needed=$(dpkg-deb -f "$deb" Depends | tr , '\n' | sed -E 's/[ ]|\(.*|\|.*//g' | sort -u | paste -sd,)
include=systemd-sysv,udev,dbus,kmod,procps,curl,$needed
suite=bookworm
folder=${XDG_CACHE_HOME:-$HOME/.cache}/fovea/service
image=$folder/system.img
if [ "$(cat "$folder/packages" 2>/dev/null)" != "$suite $include" ]; then
  rm -rf "$folder" && mkdir -p "$folder"
  mmdebstrap --quiet --variant=minbase --include="$include" $suite "$folder/root" >"$folder/log" 2>&1 || {
    tail -n 5 "$folder/log" >&2
    skip "mmdebstrap cannot make the system (a mirror of Debian $suite is needed)"
  }
  mke2fs -q -t ext4 -E lazy_itable_init=1 -d "$folder/root" "$image" 2G >>"$folder/log" 2>&1
  rm -rf "$folder/root"
  echo "$suite $include" >"$folder/packages"
fi

share=$(mktemp -d)
trap 'rm -rf "$share"' EXIT
# The same in a compression that an emulated machine is quick with.
dpkg-deb -R "$deb" "$share/package"
dpkg-deb -Zzstd -b "$share/package" "$share/fovea.deb" >/dev/null
rm -rf "$share/package"
cp Tests/Service/in-vm.sh Tests/Fixtures/Tiny/tiny.{onnx,toml} "$share/"
runner=$PWD/Tests/Camera/run-in-vm.sh
cd "$share"
status=0
VM_DISK=$image VM_TIMEOUT=${VM_TIMEOUT:-290} "$runner" bash ./in-vm.sh || status=$?
[ "$status" != 125 ] || skip "there is no virtual machine here"
[ "$status" = 0 ] || echo "service tests: failed with status $status$([ "$status" != 124 ] || echo ", the time is over")" >&2
exit "$status"

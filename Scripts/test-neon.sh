#!/usr/bin/env bash
# Compiles the kernels for 64-bit ARM and compares NEON with the scalar reference under qemu's user-mode emulation.
# Needs Debian's gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user-static; clang comes with Swift.
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in aarch64-linux-gnu-gcc qemu-aarch64-static; do
  command -v "$tool" >/dev/null || {
    echo "test-neon: $tool is missing; apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static" >&2
    exit 1
  }
done
clang=$(command -v clang || echo "$(dirname "$(readlink -f "$(command -v swift)")")/clang")
build=.build/neon
rm -rf "$build" && mkdir -p "$build"
for file in Sources/CKernels/*.c Tests/NEON/kernels.c; do
  "$clang" --target=aarch64-linux-gnu -isystem /usr/aarch64-linux-gnu/include -I Sources/CKernels/include \
    -O2 -Wall -Wextra -Werror -fno-math-errno -c "$file" -o "$build/$(basename "$file" .c).o"
done
aarch64-linux-gnu-gcc -static "$build"/*.o -lm -o "$build/kernels"
exec qemu-aarch64-static "$build/kernels"

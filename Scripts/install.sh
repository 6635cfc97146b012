#!/usr/bin/env bash
# Installs or removes the program: Scripts/install.sh install|uninstall PREFIX BUILD-FOLDER
set -euo pipefail
action=$1 prefix=$2 build=$3
files=("$prefix/bin/fovea" "$prefix/share/man/man1/fovea.1" "$prefix/share/bash-completion/completions/fovea")
shared=(Samples/Model/fovea-default.{onnx,toml,labels.txt} Samples/fovea-sample.mp4)

if [ "$action" = uninstall ]; then
  rm -f "${files[@]}"
  rm -rf "$prefix/share/fovea"
  exit 0
fi
install -D -m 755 "$build/fovea" "${files[0]}"
for index in 1 2; do mkdir -p "$(dirname "${files[$index]}")"; done
"$build/fovea" man >"${files[1]}"
"$build/fovea" completions >"${files[2]}"
for file in "${shared[@]}"; do
  [ ! -e "$file" ] || install -D -m 644 "$file" "$prefix/share/fovea/$(basename "$file")"
done
echo "installed $prefix/bin/fovea; 'fovea --help' tells what it does"
echo "try: fovea annotate $prefix/share/fovea/fovea-sample.mp4 seen.mp4"

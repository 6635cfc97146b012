#!/usr/bin/env bash
# Installs or removes the program and what belongs to it: Scripts/install.sh install|uninstall PREFIX BUILD-FOLDER [DESTDIR]
#
# The service (Systemd/) goes along where systemd looks for it, which is with the prefixes /usr and /usr/local; its
# configuration lies in /etc/fovea then. A configuration that is there already is left as it is.
set -euo pipefail
action=$1 prefix=$2 build=$3 root=${4:-}
program=$prefix/bin/fovea config=/etc/fovea/fovea.toml
shared=(Samples/Model/fovea-default.{onnx,toml,labels.txt} Samples/fovea-sample.mp4)
man=$prefix/share/man
completions=(
  "bash $prefix/share/bash-completion/completions/fovea"
  "zsh $prefix/share/zsh/$([ "$prefix" = /usr ] && echo vendor-completions || echo site-functions)/_fovea"
  "fish $prefix/share/fish/vendor_completions.d/fovea.fish"
)

# The service's files: one in Systemd, then where it goes.
service=()
case $prefix in
  /usr)
    units=$(pkg-config --variable=systemdsystemunitdir systemd 2>/dev/null) || units=/usr/lib/systemd/system
    rules=${units%/systemd/system}/udev/rules.d ;;
  /usr/local) units=/usr/local/lib/systemd/system rules=/usr/local/lib/udev/rules.d ;;
  *) units='' ;;
esac
if [ -n "$units" ]; then
  for unit in fovea.service fovea@.service fovea.socket; do service+=("$unit $units/$unit"); done
  service+=("fovea.sysusers $prefix/lib/sysusers.d/fovea.conf" "fovea.tmpfiles $prefix/lib/tmpfiles.d/fovea.conf"
    "70-fovea.rules $rules/70-fovea.rules")
fi

# Writes its input into a file below the root: put MODE FILE
put() { install -D -m "$1" /dev/stdin "$root$2"; }

install_all() {
  install -D -s -m 755 "$build/fovea" "$root$program"
  "$build/fovea" man | put 644 "$man/man1/fovea.1"
  for line in "${completions[@]}"; do "$build/fovea" completions "${line%% *}" | put 644 "${line#* }"; done
  for file in "${shared[@]}"; do
    [ ! -e "$file" ] || put 644 "$prefix/share/fovea/${file##*/}" <"$file"
  done
  # The units name the program as it is installed.
  for line in "${service[@]}"; do
    sed "s|/usr/bin/fovea\b|$program|g" "Systemd/${line%% *}" | put 644 "${line#* }"
  done
  [ -e Systemd/fovea.toml ] || return 0
  Scripts/toml-page.sh Systemd/fovea.toml "$("$build/fovea" --version | cut -d ' ' -f 2)" | put 644 "$man/man5/fovea.toml.5"
  [ ${#service[@]} = 0 ] || [ -e "$root$config" ] || put 644 "$config" <Systemd/fovea.toml
}

uninstall_all() {
  rm -f "$root$program" "$root$man/man1/fovea.1" "$root$man/man5/fovea.toml.5"
  for line in "${completions[@]}" "${service[@]}"; do rm -f "$root${line#* }"; done
  rm -rf "$root$prefix/share/fovea"
  if [ ${#service[@]} -gt 0 ] && cmp -s Systemd/fovea.toml "$root$config"; then rm "$root$config"; fi
}

if [ "$action" = uninstall ]; then uninstall_all; exit; fi
install_all
[ -z "$root" ] || exit 0
echo "installed $program; 'fovea --help' tells what it does"
echo "try: fovea annotate $prefix/share/fovea/fovea-sample.mp4 seen.mp4"
if [ ${#service[@]} -gt 0 ]; then
  echo "the service: edit $config, then 'systemctl daemon-reload; systemd-sysusers; systemd-tmpfiles --create; systemctl enable --now fovea'"
else
  echo "the service is not installed: systemd looks for units with PREFIX=/usr/local or /usr"
fi

#!/usr/bin/env bash
# soak.sh MINUTES [FOVEA] - run `fovea view` on the synthetic source with ten clients that watch a while, go, and come back.
#
# Every 10 s it prints resident memory, open descriptors and threads. It fails when, from the second minute to the last one, the
# median of resident memory grew by more than MOST_MIB (default 24) or that of descriptors by more than MOST_FDS (default 6),
# when a request was refused, or when the program did not end properly. At least 3 minutes, or there is nothing to compare.
set -euo pipefail
cd "$(dirname "$0")/../.."
minutes=${1:-10} fovea=${2:-.build/release/fovea}
most_mib=${MOST_MIB:-24} most_fds=${MOST_FDS:-6}
[[ $minutes =~ ^[0-9]+$ ]] && ((minutes >= 3)) || { echo "soak: name at least 3 minutes: soak.sh 10" >&2; exit 2; }
[ -x "$fovea" ] || { echo "soak: there is no program $fovea; 'make build' makes it" >&2; exit 2; }
folder=$(mktemp -d) program= clients=()
: >"$folder/visits" && : >"$folder/refused"
clean() {
  for id in "${clients[@]}"; do kill -- "-$id" 2>/dev/null || true; done
  [ -z "$program" ] || kill -9 "$program" 2>/dev/null || true
  rm -rf "$folder"
}
trap clean EXIT
trap 'exit 130' INT TERM HUP

"$fovea" view "synthetic:size=640x360,rate=30" --port 0 --allow-model Samples/Model/fovea-default.onnx 2>"$folder/log" & program=$!
url=
for _ in {1..600}; do
  url=$(grep -o 'http://127.0.0.1:[0-9]*' "$folder/log" || true)
  [ -n "$url" ] && break
  kill -0 "$program" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
  sleep 0.1
done
# A few layers: the patches of many take minutes to come to rest.
mapfile -t layers < <(curl -sf "$url/v1/layers" | grep -o '"value":"[^"]*"' | cut -d'"' -f4 | head -9)
explanations=(none grad-cam grad-cam++ cam guided-backprop)
# What one client asks for next: mostly the page's stream.
place() {
  local layer=${layers[RANDOM % ${#layers[@]}]} saliency=${explanations[RANDOM % ${#explanations[@]}]}
  case $((RANDOM % 10)) in
    0) echo "stream.mjpg?saliency=$saliency&width=$((RANDOM % 4 * 160 + 160))" ;;
    1) echo "v1/events" ;;
    2) echo "snapshot.jpg?saliency=$saliency" ;;
    3) echo "metrics" ;;
    *) echo "v1/watch?saliency=$saliency&width=$((RANDOM % 4 * 160 + 320))&health=1&unit=0&explain=deconvnet&layer=$layer" ;;
  esac
}
# Watches for 1 to 8 seconds, then goes without a word. Layers that have no maps answer 400, which is no fault.
client() {
  local status=0 code
  while :; do
    code=$(curl -sNg --max-time "$((RANDOM % 7 + 1)).$((RANDOM % 10))" -o /dev/null -w '%{http_code}' "$url/$(place)") ||
      status=$?
    # 28: its time is over.
    [[ $code = 200 || $code = 400 || $status = 28 ]] && echo ok >>"$folder/visits" ||
      echo "status $code, curl $status" >>"$folder/refused"
    status=0
  done
}
set -m
for _ in {1..10}; do client & clients+=($!); done
set +m

median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
early=() late=() early_fds=() late_fds=() steps=$((minutes * 6))
for ((step = 1; step <= steps; step++)); do
  sleep 10
  kib=$(awk '/^VmRSS/ {print $2}' "/proc/$program/status") || { echo "soak: the program has ended" >&2; cat "$folder/log" >&2; exit 1; }
  fds=$(find "/proc/$program/fd" -mindepth 1 | wc -l) threads=$(find "/proc/$program/task" -mindepth 1 -maxdepth 1 | wc -l)
  printf '%5d s   %6d KiB resident   %3d descriptors   %3d threads\n' $((step * 10)) "$kib" "$fds" "$threads"
  if ((step > 6 && step <= 12)); then early+=("$kib") early_fds+=("$fds"); fi
  if ((step > steps - 6)); then late+=("$kib") late_fds+=("$fds"); fi
done
for id in "${clients[@]}"; do kill -- "-$id" 2>/dev/null || true; done
clients=()
kill -INT "$program"
status=0
wait "$program" || status=$?
program=
visits=$(wc -l <"$folder/visits") refused=$(wc -l <"$folder/refused")
grown=$(($(printf '%s\n' "${late[@]}" | median) - $(printf '%s\n' "${early[@]}" | median)))
more=$(($(printf '%s\n' "${late_fds[@]}" | median) - $(printf '%s\n' "${early_fds[@]}" | median)))
echo "soak: $visits visits, $refused refused; from the second minute to the last: $grown KiB, $more descriptors; exit status $status"
if ((refused > 0)); then sort "$folder/refused" | uniq -c >&2; fi
((grown <= most_mib * 1024 && more <= most_fds && refused == 0 && status == 0)) || { echo "soak: FAILED" >&2; exit 1; }

#!/usr/bin/env bash
# Annotates a clip and says where the result is: Scripts/demo.sh PATH-TO-FOVEA [CLIP [FOLDER]]
set -euo pipefail
fovea=$(realpath "$1")
clip=${2:+$(realpath "$2")} folder=$(realpath -m "${3:-demo}")
cd "$(dirname "$0")/.."

if [ -z "$clip" ]; then
  clip=Samples/fovea-sample.mp4
  [ -e "$clip" ] || {
    clip=synthetic:size=1280x720,rate=30,frames=150
    echo "demo: there is no sample clip in this tree: a test picture is used ($clip)."
  }
fi
model=Samples/Model/fovea-default.onnx layers=stem,inception
[ -e "$model" ] || {
  model=Tests/Fixtures/Tiny/tiny.onnx layers=relu1,relu2
  echo "demo: there is no trained model in this tree: $model has random weights, its classes mean nothing."
}

mkdir -p "$folder"
"$fovea" annotate "$clip" "$folder/annotated.mp4" --json "$folder/annotated.jsonl" --overwrite \
  --model "$model" --layer "$layers" --layout side --colormap magma --show-crop --status --preset superfast --crf 24
cat <<END

demo: the annotated video is $folder/annotated.mp4
  watch it:          ffplay $folder/annotated.mp4      (or mpv, vlc, a browser)
  the same as data:  $folder/annotated.jsonl, one line per frame (Docs/JSON.md)

Try next:
  your own video:    $fovea annotate VIDEO seen.mp4
  other layers:      $fovea annotate $clip seen.mp4 --layer residual,head --layout below --sort strength
  what is inside:    $fovea inspect $model
  all of it:         $fovea --help
END

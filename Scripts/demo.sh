#!/usr/bin/env bash
# Annotates a clip and says where the result is: Scripts/demo.sh PATH-TO-FOVEA
set -euo pipefail
fovea=$1
clip=Samples/fovea-sample.mp4
[ -e "$clip" ] || clip=synthetic:size=1280x720,rate=30,frames=150
model=Samples/Model/fovea-default.onnx
if [ -e "$model" ]; then layers=(--layer stem,inception); else
  model=Tests/EndToEndTests/Fixtures/tiny.onnx layers=(--layer relu1,relu2)
  echo "demo: there is no trained model in this tree: $model has random weights, its classes mean nothing."
fi
case $clip in synthetic:*) echo "demo: there is no sample clip in this tree: a test picture is used ($clip)." ;; esac
mkdir -p demo
"$fovea" annotate "$clip" demo/annotated.mp4 --overwrite --model "$model" "${layers[@]}" --layout side --status
cat <<END

demo: the annotated video is $PWD/demo/annotated.mp4
  watch it:       ffplay demo/annotated.mp4      (or mpv, vlc, a browser)
  your own video: $fovea annotate VIDEO OUT.mp4
  what is inside: $fovea inspect $model
  all of it:      $fovea --help
END

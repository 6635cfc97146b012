#!/bin/sh
# Fuzzes the ONNX reader, importer and operators, and what is read of picture files beside FFmpeg, with libFuzzer and
# AddressSanitizer, each for so long: Scripts/fuzz.sh [SECONDS]
# New inputs are collected under .build/fuzz/corpus; a failing one is left in .build/fuzz and named.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
build=.build/fuzz

swift build -c release --build-path "$build" --target ONNX -Xswiftc -sanitize=fuzzer,address \
  -Xswiftc -sanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp -Xswiftc -enable-testing -Xcc -fsanitize=address
release=$(swift build -c release --build-path "$build" --show-bin-path)
# What SwiftPM passes as -package-name: the folder's name as an identifier.
package=$(basename "$PWD" | tr '[:upper:]' '[:lower:]' | tr -c 'a-z0-9\n' '_')
# shellcheck disable=SC2046 # Object files have no blanks in their names.
swiftc -O -sanitize=fuzzer,address -parse-as-library -module-name Fuzz -package-name "$package" -I "$release/Modules" \
  -Xcc -fmodule-map-file="$release/CKernels.build/module.modulemap" -I Sources/CKernels/include \
  -Xcc -fmodule-map-file="$release/CZlib.build/module.modulemap" -I Sources/CZlib/include -lz \
  Tests/Fuzz/FuzzONNX.swift Tests/ONNXTests/Support/Exercise.swift Tests/ONNXTests/Support/Interpreter.swift \
  $(find "$release/ONNX.build" "$release/Inference.build" "$release/Tensors.build" "$release/Telemetry.build" "$release/CKernels.build" "$release/CZlib.build" -name '*.o') \
  -o "$build/fuzz-onnx"

mkdir -p "$build/corpus"
"$build/fuzz-onnx" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -max_len=8192 -print_final_stats=1 \
  -artifact_prefix="$build/" "$build/corpus" Tests/Fuzz/Seeds

swiftc -O -sanitize=fuzzer,address -parse-as-library -module-name FuzzPictures -package-name fovea Tests/Fuzz/FuzzPictures.swift \
  Sources/Capture/ByteView.swift Sources/Capture/Orientation.swift Sources/Capture/Orientation+Exif.swift \
  Sources/Capture/Orientation+Chunks.swift Sources/Capture/HEIFOrientation.swift -o "$build/fuzz-pictures"
mkdir -p "$build/pictures"
"$build/fuzz-pictures" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 \
  -artifact_prefix="$build/" "$build/pictures" Tests/Fuzz/PictureSeeds

"""Compares fovea's top class of every frame with onnxruntime's on the same frames, preprocessed by Pillow.

    python video_top1.py FOVEA MODEL SIDECAR VIDEO...

FFmpeg decodes and converts to RGB, Pillow resizes (antialiased bilinear), onnxruntime computes. Needs numpy, pillow,
onnxruntime. Exits with 1 when any video agrees on less than 98 % of its frames.
"""

import json
import subprocess
import sys
import tomllib

import numpy as np
import onnxruntime as ort
from PIL import Image


def probe(video):
    out = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries",
         "stream=width,height,color_space", "-of", "json", video], check=True, capture_output=True).stdout
    stream = json.loads(out)["streams"][0]
    return stream["width"], stream["height"], stream.get("color_space", "unknown")


def frames(video):
    width, height, space = probe(video)
    # Where the stream does not say, HD is taken as BT.709 and smaller pictures as BT.601.
    matrix = {"bt709": "bt709", "unknown": "bt709" if height >= 720 else "smpte170m"}.get(space, space)
    scale = f"scale=in_color_matrix={matrix}:flags=bilinear+accurate_rnd+full_chroma_int+full_chroma_inp"
    decoder = subprocess.Popen(
        ["ffmpeg", "-v", "error", "-i", video, "-map", "0:v:0", "-vsync", "passthrough", "-vf", scale, "-pix_fmt",
         "rgb24", "-f", "rawvideo", "-"], stdout=subprocess.PIPE)
    size = width * height * 3
    while len(data := decoder.stdout.read(size)) == size:
        yield Image.fromarray(np.frombuffer(data, np.uint8).reshape(height, width, 3))
    decoder.wait()


def preprocess(image, settings):
    height, width = settings["size"]
    short = settings.get("resize_to", min(height, width) * 256 // 224)
    w, h = image.size
    w, h = (short, int(short * h / w)) if w <= h else (int(short * w / h), short)
    image = image.resize((w, h), Image.BILINEAR)
    left, top = round((w - width) / 2), round((h - height) / 2)
    image = image.crop((left, top, left + width, top + height))
    x = np.asarray(image, np.float32) * np.float32(settings["scale"])
    x = (x - np.array(settings["mean"], np.float32)) / np.array(settings["std"], np.float32)
    return np.ascontiguousarray(x.transpose(2, 0, 1)[None])


def main():
    fovea, model, sidecar, *videos = sys.argv[1:]
    settings = tomllib.load(open(sidecar, "rb"))["input"]
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    failed = False
    for video in videos:
        lines = subprocess.run(
            [fovea, "annotate", video, "--json", "-", "-q", "--model", model, "--sidecar", sidecar], check=True,
            capture_output=True, text=True).stdout.splitlines()
        ours = [json.loads(line)["top"][0] for line in lines]
        theirs = [int(session.run(None, {name: preprocess(f, settings)})[0].reshape(-1).argmax()) for f in frames(video)]
        same = sum(a["label_id"] == b for a, b in zip(ours, theirs))
        labels = [a["label"] for a in ours]
        most = max(set(labels), key=labels.count)
        share = same / max(1, len(theirs))
        print(f"{video}: {len(ours)} and {len(theirs)} frames, same top class on {100 * share:.1f} %; "
              f"most frequent: {most} ({100 * labels.count(most) / len(labels):.0f} %)")
        failed |= share < 0.98 or len(ours) != len(theirs)
    sys.exit(failed)


main()

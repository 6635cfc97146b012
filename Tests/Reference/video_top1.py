"""Compares fovea's top class of every frame with onnxruntime's on the same frames, preprocessed by Pillow.

    python video_top1.py FOVEA MODEL SIDECAR VIDEO...

FFmpeg decodes, the equations of H.273 convert to RGB, Pillow resizes (antialiased bilinear), onnxruntime computes. Needs numpy, pillow,
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
         "stream=width,height,color_space,color_range,pix_fmt", "-of", "json", video],
        check=True, capture_output=True).stdout
    return json.loads(out)["streams"][0]


def frames(video):
    """The decoder's yuv420p samples as RGB pictures: H.273 equations 8.7 with each chroma sample standing for its 2x2 block."""
    stream = probe(video)
    width, height = stream["width"], stream["height"]
    if stream["pix_fmt"] not in ("yuv420p", "yuvj420p") or width % 2 or height % 2:
        sys.exit(f"{video}: only yuv420p of even size is compared here, this is {stream['pix_fmt']}")
    kr, kb = (0.2126, 0.0722) if stream.get("color_space") == "bt709" else (0.299, 0.114)
    full = stream.get("color_range") == "pc"
    black, luma, chroma = (0, 255, 255) if full else (16, 219, 224)
    decoder = subprocess.Popen(
        ["ffmpeg", "-v", "error", "-i", video, "-map", "0:v:0", "-vsync", "passthrough", "-f", "rawvideo", "-"],
        stdout=subprocess.PIPE)
    size = width * height * 3 // 2
    while len(data := decoder.stdout.read(size)) == size:
        planes = np.frombuffer(data, np.uint8).astype(np.float32)
        y = (planes[: width * height].reshape(height, width) - black) * 255 / luma
        u, v = ((planes[width * height:].reshape(2, height // 2, width // 2) - 128) * 255 / chroma).repeat(2, 1).repeat(2, 2)
        r, b = y + 2 * (1 - kr) * v, y + 2 * (1 - kb) * u
        g = (y - kr * r - kb * b) / (1 - kr - kb)
        yield Image.fromarray(np.clip(np.rint(np.stack([r, g, b], -1)), 0, 255).astype(np.uint8))
    decoder.wait()


def preprocess(image, settings):
    height, width = settings["size"]
    short = settings.get("resize_to", min(height, width) * 256 // 224)
    w, h = image.size
    w, h = (short, int(short * h / w)) if w <= h else (int(short * w / h), short)
    image = image.resize((w, h), Image.BILINEAR)
    left, top = round((w - width) / 2), round((h - height) / 2)
    image = image.crop((left, top, left + width, top + height))
    x = np.asarray(image, np.float32) * np.float32(settings.get("scale", 1 / 255))
    mean, std = settings.get("mean", [0.485, 0.456, 0.406]), settings.get("std", [0.229, 0.224, 0.225])
    x = (x - np.array(mean, np.float32)) / np.array(std, np.float32)
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

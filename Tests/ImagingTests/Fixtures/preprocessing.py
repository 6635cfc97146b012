"""Makes preprocessing.txt: what Pillow makes of formula pictures. Made with Pillow 13.0.0, numpy 2; no randomness.

    python3 preprocessing.py > preprocessing.txt
    python3 preprocessing.py many > /tmp/many.txt   # then FOVEA_PREPROCESSING_CASES=/tmp/many.txt swift test
"""
import random
import sys

import numpy as np
from PIL import Image

FILTERS = {"": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}


def picture(width, height, c):
    """The formula that the Swift test has too: a triangle wave and hashed noise, 32...222."""
    x, y = np.meshgrid(np.arange(width, dtype=np.uint64), np.arange(height, dtype=np.uint64))
    h = ((x * 73856093) ^ (y * 19349663) ^ np.uint64(c * 83492791)) & np.uint64(0xFFFFFFFF)
    h = ((h ^ (h >> np.uint64(13))) * np.uint64(0x5BD1E995)) & np.uint64(0xFFFFFFFF)
    t = (x * 2 * (c + 1) + y * 3) % 256
    return (32 + np.where(t < 128, t, 255 - t) + ((h >> np.uint64(24)) & np.uint64(63))).astype(np.int64)


WEIGHTS = {"601": (0.299, 0.114), "709": (0.2126, 0.0722), "2020": (0.2627, 0.0593)}


def rgb(kind, width, height):
    if kind == "rgb":
        return np.stack([picture(width, height, c) for c in range(3)], -1).astype(np.uint8)
    matrix, value_range, sx, sy = kind.split("-")
    sx, sy = int(sx), int(sy)
    luma = 70.0 + picture(width, height, 0) // 2
    cw, ch = -(-width >> sx), -(-height >> sy)
    chroma = [96.0 + picture(cw, ch, c) // 4 - 128 for c in (1, 2)]
    u, v = (np.repeat(np.repeat(p, 1 << sx, 1), 1 << sy, 0)[:height, :width] for p in chroma)
    kr, kb = WEIGHTS[matrix]
    luma, cs = ((luma - 16) * 255 / 219, 255 / 224) if value_range == "limited" else (luma, 1.0)
    r, b = luma + 2 * (1 - kr) * v * cs, luma + 2 * (1 - kb) * u * cs
    g = (luma - kr * r - kb * b) / (1 - kr - kb)
    return np.clip(np.rint(np.stack([r, g, b], -1)), 0, 255).astype(np.uint8)


def transformed(image, fit, short, width, height, sar):
    fit, _, kind = fit.partition(":")
    kind = FILTERS[kind]
    dw, dh = image.size
    if sar > 1:
        dw = round(dw * sar)
    if sar < 1:
        dh = round(dh / sar)
    if fit == "squash":
        return image.resize((width, height), kind), 0, 0
    if fit == "pad":
        if dw * height > width * dh:
            sw, sh = width, max(1, round(dh / dw * width))
        else:
            sw, sh = max(1, round(dw / dh * height)), height
        return image.resize((sw, sh), kind), round((width - sw) / 2), round((height - sh) / 2)
    if dw <= dh:  # torchvision.transforms.Resize(short)
        sw, sh = short, int(short * dh / dw)
    else:
        sw, sh = int(short * dw / dh), short
    left, top = int(round((sw - width) / 2.0)), int(round((sh - height) / 2.0))  # center_crop
    return image.resize((sw, sh), kind).crop((left, top, left + width, top + height)), 0, 0


def case(kind, w, h, fit, short, width, height, sar, samples):
    image, ox, oy = transformed(Image.fromarray(rgb(kind, w, h)), fit, short, width, height, sar[0] / sar[1])
    pixels = np.asarray(image)
    rng = random.Random(w * 7919 + h * 31 + width)
    points = [(rng.randrange(image.width), rng.randrange(image.height)) for _ in range(samples)]
    points += [(0, 0), (image.width - 1, image.height - 1), (image.width - 1, 0), (0, image.height - 1)]
    values = " ".join(f"{x + ox},{y + oy},{pixels[y, x, 0]},{pixels[y, x, 1]},{pixels[y, x, 2]}" for x, y in points)
    print(f"{kind} {w} {h} {fit} {short} {width} {height} {sar[0]}/{sar[1]} {values}")


one = (1, 1)
FIXED = [
    ("rgb", 1280, 720, "crop", 256, 224, 224, one), ("rgb", 161, 121, "crop", 256, 224, 224, one),
    ("rgb", 97, 333, "crop", 33, 32, 28, one), ("rgb", 640, 360, "squash", 0, 224, 224, one),
    ("rgb", 641, 359, "pad", 0, 224, 224, one), ("rgb", 121, 500, "pad", 0, 96, 64, one),
    ("rgb", 64, 64, "squash", 0, 64, 64, one), ("rgb", 3, 2, "squash", 0, 40, 30, one),
    ("rgb", 1, 1, "squash", 0, 8, 8, one), ("rgb", 1920, 1080, "crop", 64, 64, 64, one),
    ("rgb", 720, 576, "crop", 256, 224, 224, (16, 11)), ("rgb", 352, 288, "pad", 0, 128, 128, (3, 4)),
    ("601-limited-1-1", 640, 480, "crop", 256, 224, 224, one), ("601-full-1-1", 161, 121, "crop", 128, 128, 128, one),
    ("709-limited-1-1", 1280, 720, "crop", 256, 224, 224, one), ("709-full-1-0", 333, 97, "squash", 0, 64, 48, one),
    ("2020-limited-1-0", 400, 300, "pad", 0, 64, 64, one), ("2020-limited-1-1", 399, 301, "squash", 0, 500, 320, one),
    ("709-limited-0-0", 211, 173, "crop", 100, 96, 96, one), ("601-limited-2-2", 203, 155, "crop", 64, 64, 64, one),
    ("601-full-0-1", 203, 155, "crop", 64, 64, 64, one), ("601-limited-2-0", 203, 155, "squash", 0, 64, 64, one),
    ("rgb", 640, 360, "crop:bicubic", 256, 224, 224, one), ("rgb", 31, 23, "squash:bicubic", 0, 97, 64, one),
    ("rgb", 201, 333, "pad:bicubic", 0, 64, 48, one), ("rgb", 320, 241, "crop:lanczos", 72, 64, 64, one),
    ("rgb", 31, 23, "squash:lanczos", 0, 97, 64, one),
]

def main():
    if len(sys.argv) > 1:
        rng = random.Random(1)
        kinds = ["rgb"] + [f"{m}-{r}-{s}" for m in WEIGHTS for r in ("limited", "full") for s in ("0-0", "1-0", "1-1")]
        for _ in range(150):
            width, height = rng.randrange(1, 300), rng.randrange(1, 300)
            fit = rng.choice(["crop", "squash", "pad"])
            short = max(width, height) + rng.randrange(0, 64)
            size = (rng.randrange(1, 900), rng.randrange(1, 700))
            sar = rng.choice([one, one, (4, 3), (10, 11)])
            case(rng.choice(kinds), *size, fit, short, width, height, sar, 300)
    else:
        for fixed in FIXED:
            case(*fixed, 40)


if __name__ == "__main__":
    main()

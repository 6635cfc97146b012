"""Makes jpeg.txt: the R'G'B' that Pillow decodes from JPEG pictures with subsampled chroma. Made with Pillow 13.0.0 and
libjpeg-turbo 3.2.0; no randomness beyond the seed in the code.

    python3 jpeg.py > jpeg.txt

Every 8x8 block of every plane is flat and quantised in steps of 1, so that its samples are exact whatever inverse transform a decoder
has, and only the interpolation of chroma and the colour matrix remain to be compared.
"""
import io
import random

import numpy as np
from PIL import Image

from preprocessing import picture


def flat(width, height, c, block_width, block_height):
    """A plane of luma's size whose blocks have the formula's values at their indices."""
    values = picture(-(-width // block_width), -(-height // block_height), c)
    values = 70 + values // 2 if c == 0 else 96 + values // 4  # within the gamut
    return np.repeat(np.repeat(values, block_height, 0), block_width, 1)[:height, :width].astype(np.uint8)


def case(name, subsampling, block, width, height):
    planes = [flat(width, height, 0, 8, 8)] + [flat(width, height, c, *block) for c in (1, 2)]
    file = io.BytesIO()
    image = Image.merge("YCbCr", [Image.fromarray(p) for p in planes])
    image.save(file, "JPEG", quality=100, subsampling=subsampling)
    pixels = np.asarray(Image.open(file).convert("RGB"))
    rng = random.Random(width)
    points = [(rng.randrange(width), rng.randrange(height)) for _ in range(150)]
    points += [(0, 0), (width - 1, height - 1), (width - 1, 0), (0, height - 1)]
    values = " ".join(f"{x},{y},{pixels[y, x, 0]},{pixels[y, x, 1]},{pixels[y, x, 2]}" for x, y in points)
    print(f"{name} {width} {height} {values}")


for size in ((64, 48), (83, 45), (24, 20), (17, 33), (101, 90)):
    case("yuvj420p", 2, (16, 16), *size)
    case("yuvj422p", 1, (16, 8), *size)

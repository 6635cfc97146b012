"""The Tiny ImageNet photographs: unpacked once, then augmented on whole batches.

The archive holds `train/<wnid>/*`, `val/<wnid>/*` (64x64 pictures of any format that Pillow reads) and `classes.tsv`
(`wnid <tab> name, name, ...`). `Pictures.prepare` decodes it into four `.npy` files that are memory-mapped afterwards.
"""

import io
import zipfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

SIZE = 64
# Channel statistics of the training pictures, in 0...1.
MEAN = (0.4802, 0.4481, 0.3975)
STD = (0.2770, 0.2691, 0.2821)


# MARK: unpacking


def _decode(task):
    archive, names = task
    out = np.empty((len(names), SIZE, SIZE, 3), np.uint8)
    with zipfile.ZipFile(archive) as z:
        for i, name in enumerate(names):
            with Image.open(io.BytesIO(z.read(name))) as picture:
                out[i] = np.asarray(picture.convert("RGB").resize((SIZE, SIZE)))
    return out


def _save(path, array):
    part = path.with_suffix(".part.npy")
    np.save(part, array)
    part.replace(path)


def prepare(archive, folder, workers=2):
    """Decodes `archive` into `folder`, unless that was done before."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "val_labels.npy").exists():
        return
    with zipfile.ZipFile(archive) as z:
        members = sorted(n for n in z.namelist() if not n.endswith("/"))
        table = z.read(next(n for n in members if n.endswith("classes.tsv"))).decode()
    (folder / "classes.tsv").write_text(table)
    wnids = class_ids(folder)
    for split in ("train", "val"):
        names = [n for n in members if f"/{n}".find(f"/{split}/") >= 0]
        labels = np.array([wnids.index(n.split("/")[-2]) for n in names], np.int64)
        chunks = [(str(archive), names[i : i + 1000]) for i in range(0, len(names), 1000)]
        with ProcessPoolExecutor(workers) as pool:
            pictures = np.concatenate(list(pool.map(_decode, chunks)))
        _save(folder / f"{split}.npy", pictures)
        _save(folder / f"{split}_labels.npy", labels)


def _class_rows(folder):
    rows = [line.split("\t") for line in (Path(folder) / "classes.tsv").read_text().splitlines() if line.strip()]
    return sorted(row for row in rows if row[0].startswith("n0") or row[0].startswith("n1"))


def class_ids(folder):
    """The WordNet ids in the order of the model's outputs (sorted)."""
    return [row[0] for row in _class_rows(folder)]


def class_names(folder):
    """The first name of each class, in the order of the model's outputs."""
    return [row[-1].split(",")[0].strip() for row in _class_rows(folder)]


def load(folder, split):
    """(pictures [N, H, W, 3] uint8, mapped; labels [N] int64)."""
    folder = Path(folder)
    return np.load(folder / f"{split}.npy", mmap_mode="r"), np.load(folder / f"{split}_labels.npy")


# MARK: augmentation, on whole batches


class Augment:
    """uint8 pictures [N, H, W, 3] -> normalised float [N, 3, size, size]: random resized crop, mirror, light and colour.

    One affine grid does crop, zoom, stretch and mirror together; one pass does brightness, contrast and saturation.
    """

    def __init__(self, size, area=(0.35, 1.0), stretch=4 / 3, light=0.3, generator=None):
        self.size, self.area, self.stretch, self.light = size, area, stretch, light
        self.rng = generator or torch.default_generator

    def _uniform(self, n, low, high):
        return torch.empty(n).uniform_(low, high, generator=self.rng)

    def __call__(self, pictures):
        n = pictures.shape[0]
        x = torch.from_numpy(pictures).permute(0, 3, 1, 2).float()
        return normalise(self._colour(F.grid_sample(x, self._grid(n), "bilinear", "reflection", False)))

    def _grid(self, n):
        area = self._uniform(n, *self.area)
        ratio = torch.exp(self._uniform(n, -1, 1) * np.log(self.stretch) / 2)
        w = (area.sqrt() * ratio).clamp(max=1)
        h = (area.sqrt() / ratio).clamp(max=1)
        theta = torch.zeros(n, 2, 3)
        theta[:, 0, 0] = w * (torch.randint(0, 2, (n,), generator=self.rng) * 2 - 1)
        theta[:, 1, 1] = h
        theta[:, 0, 2] = (1 - w) * self._uniform(n, -1, 1)
        theta[:, 1, 2] = (1 - h) * self._uniform(n, -1, 1)
        return F.affine_grid(theta, (n, 3, self.size, self.size), False)

    def _colour(self, x):
        n = x.shape[0]
        brightness, contrast, saturation = (
            self._uniform(n, 1 - self.light, 1 + self.light).view(n, 1, 1, 1) for _ in range(3))
        mean = x.mean((1, 2, 3), keepdim=True)
        grey = x.mean(1, keepdim=True)
        # (grey + (x - grey) * s - mean) * c * b + mean * b
        gain = contrast * brightness
        x = x.mul_(saturation * gain).add_(grey.mul_((1 - saturation) * gain))
        return x.add_(mean * (brightness - gain)).clamp_(0, 255)


def normalise(x):
    """0...255 float [N, 3, H, W], changed in place."""
    mean = torch.tensor(MEAN).view(1, 3, 1, 1) * 255
    std = torch.tensor(STD).view(1, 3, 1, 1) * 255
    return x.sub_(mean).div_(std)


def blend(x, y, classes, cutmix=0.3, mixup=0.1, generator=None):
    """Pastes (CutMix, arXiv:1905.04899) or fades (mixup, arXiv:1710.09412) each batch's pictures into their neighbours.

    Returns the pictures and the soft labels [N, classes].
    """
    soft = F.one_hot(y, classes).float()
    draw = torch.rand(4, generator=generator).tolist()
    other = x.roll(1, 0)
    if draw[0] < cutmix:
        h, w = x.shape[2:]
        side = (1 - draw[1]) ** 0.5
        ch, cw = int(h * side), int(w * side)
        top, left = int((h - ch + 1) * draw[2]), int((w - cw + 1) * draw[3])
        x[:, :, top : top + ch, left : left + cw] = other[:, :, top : top + ch, left : left + cw]
        keep = 1 - ch * cw / (h * w)
    elif draw[0] < cutmix + mixup:
        keep = 1 - 0.4 * draw[1]
        x = x.mul_(keep).add_(other, alpha=1 - keep)
    else:
        return x, soft
    return x, soft.mul(keep).add_(soft.roll(1, 0), alpha=1 - keep)

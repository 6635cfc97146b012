#!/usr/bin/env python3
"""Measures an exported model on the validation pictures, which training never saw.

    python evaluate.py --work ~/.cache/fovea/train --model fovea-default.onnx --sizes 64 96 128 --per-class classes.csv

Pictures are enlarged (bilinear) from their 64 pixels where a size asks for it. `--photos` names a folder of photographs
called `<wnid>_*`; those of a known class are scaled, cropped to the middle square, and judged one by one.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F
from PIL import Image

import data


def scores(session, pictures, labels, size, batch=100):
    """Rank of the right class for each picture (0 is top-1): [N]."""
    ranks = np.empty(len(labels), np.int64)
    for i in range(0, len(labels), batch):
        x = torch.from_numpy(np.array(pictures[i : i + batch])).permute(0, 3, 1, 2).float()
        if size != x.shape[2]:
            x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)
        logits = session.run(None, {"image": data.normalise(x.contiguous()).numpy()})[0]
        right = np.take_along_axis(logits, labels[i : i + batch, None], 1)
        ranks[i : i + batch] = (logits > right).sum(1)
    return ranks


def photo(path, size, resize_to):
    """[1, size, size, 3]: the middle of a picture whose shorter side becomes `resize_to`."""
    with Image.open(path) as picture:
        factor = resize_to / min(picture.size)
        scaled = picture.convert("RGB").resize([max(size, round(side * factor)) for side in picture.size], Image.BILINEAR)
    left, top = (scaled.width - size) // 2, (scaled.height - size) // 2
    return np.asarray(scaled.crop((left, top, left + size, top + size)))[None]


def judge(session, folder, size, ids, names):
    """Prints the rank of the right class for each photograph of a known class in `folder`."""
    for path in sorted(folder.iterdir()):
        wnid = path.name.split("_")[0]
        if wnid in ids:
            right = np.array([ids.index(wnid)])
            rank = scores(session, photo(path, size, round(size * 8 / 7)), right, size)[0]
            print(f"{size:4d} px: {names[right[0]]}: {'right' if rank == 0 else f'place {rank + 1}'}", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--work", type=Path, required=True)
    p.add_argument("--model", type=Path, required=True)
    p.add_argument("--sizes", type=int, nargs="+", default=[64])
    p.add_argument("--every", type=int, default=1, help="measure every n-th picture only")
    p.add_argument("--per-class", type=Path, help="CSV of each class's accuracy at the first size")
    p.add_argument("--photos", type=Path, help="folder of photographs named <wnid>_*")
    a = p.parse_args()
    pictures, labels = data.load(a.work / "data", "val")
    pictures, labels = pictures[:: a.every], labels[:: a.every]
    session = onnxruntime.InferenceSession(str(a.model), providers=["CPUExecutionProvider"])
    ids, names = data.class_ids(a.work / "data"), data.class_names(a.work / "data")
    for n, size in enumerate(a.sizes):
        ranks = scores(session, pictures, labels, size)
        print(f"{size:4d} px: top-1 {np.mean(ranks == 0):.4f}  top-5 {np.mean(ranks < 5):.4f}  ({len(labels)} pictures)",
              flush=True)
        if n == 0 and a.per_class:
            with open(a.per_class, "w", newline="") as f:
                table = csv.writer(f)
                table.writerow(["wnid", "name", "top1", "top5"])
                for k in range(len(ids)):
                    mine = ranks[labels == k]
                    table.writerow([ids[k], names[k], f"{np.mean(mine == 0):.2f}", f"{np.mean(mine < 5):.2f}"])
        if a.photos:
            judge(session, a.photos, size, ids, names)


if __name__ == "__main__":
    main()

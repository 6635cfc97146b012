"""Makes FAMILY.cases and index.tsv, what the operator table test compares with.

Run: python make_fixtures.py [FAMILY ...]      (needs onnx, onnxruntime, numpy; the versions used are in index.tsv)
To add cases: cases_a.py, cases_b.py, cases_c.py or cases_resize.py; each has a function `cases(c)` that calls `c.add(...)` (frame.Cases).
"""

import pathlib
import sys

import numpy
import onnx
import onnxruntime

import cases_a
import cases_b
import cases_c
import cases_resize
from frame import SEED, Cases


def main():
    folder = pathlib.Path(__file__).parent
    c = Cases()
    cases_a.cases(c)
    cases_b.cases(c)
    cases_resize.cases(c)
    cases_c.cases(c)
    wanted = sys.argv[1:]
    if wanted:
        c.families = {k: v for k, v in c.families.items() if k in wanted}
    c.write_seeds(folder.parent.parent / "Fuzz" / "Seeds")
    c.write(folder)
    head = [
        f"# onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}, numpy {numpy.__version__}, seed {SEED}",
        "# family\tcase\tpeer\topset",
    ]
    (folder / "index.tsv").write_text("\n".join(head + c.index) + "\n")


if __name__ == "__main__":
    main()

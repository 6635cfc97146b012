"""Makes colormaps.txt, the published 256-entry tables as bytes, from matplotlib 3.11.2.

    python3 colormaps.py > colormaps.txt
"""
import numpy
from matplotlib import colormaps

for name in ("viridis", "magma", "turbo"):
    table = numpy.rint(numpy.array(colormaps[name].colors) * 255).astype(int)
    print(name, "".join("%02x%02x%02x" % tuple(row) for row in table))

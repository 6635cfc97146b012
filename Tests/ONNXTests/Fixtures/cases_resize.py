"""Cases of the resize operators."""

import numpy as np

from frame import K


def resize(c, name, shape, scales=None, sizes=None, opset=13, **attrs):
    scales = K(np.array(scales, np.float32)) if scales else None
    sizes = K(np.array(sizes, np.int64)) if sizes else None
    inputs = [c.floats(name, shape), None, scales] + ([sizes] if sizes else [])
    if opset < 13 and sizes and not scales:
        inputs[1] = inputs[2] = K(np.array([], np.float32))
    elif opset < 13:
        inputs[1] = K(np.array([], np.float32))
    c.add("resize", name, "Resize", inputs, attrs, opset)


def cases(c):
    """Adds them all."""
    s = (1, 2, 5, 7)
    up, down, mixed = [1, 1, 2, 3], [1, 1, 0.6, 0.4], [1, 1, 1.7, 0.55]
    modes = ["half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel"]
    for mode in modes:
        for title, scales in {"up": up, "down": down, "mixed": mixed}.items():
            for nearest in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
                attrs = {"mode": "nearest", "nearest_mode": nearest, "coordinate_transformation_mode": mode}
                resize(c, f"nearest {nearest} {mode} {title}", s, scales, **attrs)
            for kind in ("linear", "cubic"):
                resize(c, f"{kind} {mode} {title}", s, scales, mode=kind, coordinate_transformation_mode=mode)
        for kind in ("nearest", "linear", "cubic"):
            sizes = [1, 2, 8, 3]
            resize(c, f"{kind} {mode} sizes", s, sizes=sizes, mode=kind, coordinate_transformation_mode=mode)
            resize(c, f"{kind} {mode} to 1", s, sizes=[1, 2, 1, 1], mode=kind, coordinate_transformation_mode=mode)
    for kind in ("nearest", "linear"):
        resize(c, f"{kind}, opset 11 scales", s, up, opset=11, mode=kind)
        resize(c, f"{kind}, opset 11 sizes", s, sizes=[1, 2, 9, 4], opset=11, mode=kind)
    resize(c, "tf_half_pixel_for_nn", s, mixed, opset=11, coordinate_transformation_mode="tf_half_pixel_for_nn")
    resize(c, "cubic a=-0.5", s, up, mode="cubic", cubic_coeff_a=-0.5)
    for title, scales in {"up": up, "down": down}.items():
        resize(c, f"cubic exclude_outside {title}", s, scales, mode="cubic", exclude_outside=1)
        for kind in ("linear", "cubic"):
            resize(c, f"{kind} antialias {title}", s, scales, opset=18, mode=kind, antialias=1)
        resize(c, f"cubic antialias exclude {title}", s, scales, opset=18, mode="cubic", antialias=1, exclude_outside=1)
    resize(c, "antialias sizes", (1, 3, 17, 23), sizes=[1, 3, 6, 9], opset=18, mode="linear", antialias=1)
    resize(c, "axes", s, [1.5, 2], opset=18, mode="linear", axes=[2, 3])
    resize(c, "axes swapped sizes", s, sizes=[9, 4], opset=18, mode="nearest", axes=[3, 2])
    for policy in ("not_larger", "not_smaller"):
        resize(c, policy, s, sizes=[10, 10], opset=18, mode="linear", axes=[2, 3], keep_aspect_ratio_policy=policy)
    resize(c, "half_pixel_symmetric", s, mixed, opset=19, mode="linear", coordinate_transformation_mode="half_pixel_symmetric")
    for title, scales in {"up": [1, 1, 2, 3], "down": down}.items():
        scales = K(np.array(scales, np.float32))
        for kind in ("nearest", "linear"):
            x = c.floats(f"resize10 {kind} {title}", s)
            c.add("resize", f"opset 10 {kind} {title}", "Resize", [x, scales], {"mode": kind}, 10)
    for kind in ("nearest", "linear"):
        x = c.floats(f"upsample {kind}", s)
        c.add("resize", f"Upsample 7 {kind}", "Upsample", [x], {"mode": kind, "scales": [1.0, 1.0, 2.0, 3.0]}, 7)
        c.add("resize", f"Upsample 9 {kind}", "Upsample", [x, K(np.array([1, 1, 2, 2], np.float32))], {"mode": kind}, 9)
    pixels = np.arange(12, dtype=np.uint8).reshape(1, 1, 3, 4)
    c.add("resize", "uint8", "Resize", [pixels, None, K(np.array(up, np.float32))], {"mode": "nearest"}, 13)

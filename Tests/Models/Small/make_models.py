"""Makes the tiny models beside this file: what ModelTests loads. Each averages the planes of a picture and mixes them.

Run: python make_models.py      (made with onnx 1.23.2, numpy 2.4.6; no randomness)
"""

import pathlib

import numpy as np
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).parent


def classifier(name, shape, classes=5, channels=3, softmax=False, nhwc=False, metadata=None,
               picture="picture", before=(), constants=None):
    """A picture of `shape` to `classes` scores: plane averages times a matrix of small whole numbers."""
    nodes, value = list(before), before[-1].output[0] if before else picture
    if nhwc:
        nodes.append(helper.make_node("Transpose", [value], ["planes"], perm=[0, 3, 1, 2]))
        value = "planes"
    nodes += [
        helper.make_node("GlobalAveragePool", [value], ["average"]),
        helper.make_node("Flatten", ["average"], ["flat"]),
        helper.make_node("Gemm", ["flat", "weights"], ["mixed"]),
    ]
    value = "mixed"
    if softmax:
        nodes += [helper.make_node("Softmax", [value], ["soft"]), helper.make_node("Identity", ["soft"], ["same"])]
        value = "same"
    weights = ((np.arange(channels * classes) * 7) % 5 - 2).astype(np.float32).reshape(channels, classes)
    values = [numpy_helper.from_array(np.asarray(v), k) for k, v in (constants or {}).items()]
    save(name, nodes, {picture: shape}, value, [numpy_helper.from_array(weights, "weights"), *values], metadata)


def planes(*values):
    """One number for each plane."""
    return np.array(values, np.float32).reshape(3, 1, 1)


def save(name, nodes, inputs, output, constants=(), metadata=None):
    inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in inputs.items()]
    outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)]
    graph = helper.make_graph(nodes, name, inputs, outputs, list(constants))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, metadata or {})
    (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString())


def main():
    any_size = ["N", 3, "H", "W"]
    classifier("plain", any_size)
    classifier("softmax", [1, 3, 32, 40], softmax=True)
    classifier("grey", [1, 1, 28, 28], channels=1)
    classifier("four_channels", [1, 4, 8, 8], channels=4)
    classifier("batch_of_two", [2, 3, 8, 8])
    classifier("channels_last", [1, 16, 20, 3], nhwc=True)
    described = {
        "labels": '["a", "b", "c", "d", "e"]',
        "mean": "0.5, 0.25, 0.125",
        "std": "[0.5, 0.5, 1]",
        "imgsz": "[48, 64]",
        "color": "BGR",
    }
    classifier("described", any_size, metadata=described)
    yolo = {"names": "{0: 'it''s', 1: \"b\", 2: 'c', 3: 'd', 4: 'e'}".replace("''", "\\'"), "imgsz": "96"}
    classifier("python_names", any_size, metadata=yolo)
    classifier("ultralytics", [1, 3, 64, 64], metadata={
        "author": "Ultralytics", "task": "classify", "imgsz": "[64, 64]",
        "names": "{0: 'a', 1: 'b', 2: 'c', 3: 'd', 4: 'e'}"})
    classifier("custom_vision", any_size, metadata={
        "Image.BitmapPixelFormat": "Bgr8", "Image.ColorSpaceGamma": "SRGB", "Image.NominalPixelRange": "NominalRange_0_255"})
    classifier("sequential", ["N", 224, 224, 3], nhwc=True, picture="sequential_1_input")
    bytes_first = [helper.make_node("Mul", ["picture", "k"], ["scaled"]), helper.make_node("Sub", ["scaled", "one"], ["centred"])]
    classifier("rescaling", [1, 3, 32, 32], before=bytes_first, constants={"k": np.float32(1 / 127.5), "one": np.float32(1)})
    shares_first = [helper.make_node("Sub", ["picture", "m"], ["less"]), helper.make_node("Div", ["less", "s"], ["centred"])]
    classifier("normalising", [1, 3, 32, 32], before=shares_first,
               constants={"m": planes(0.485, 0.456, 0.406), "s": planes(0.229, 0.224, 0.225)})
    save("three_axes", [helper.make_node("Relu", ["x"], ["y"])], {"x": [3, 8, 8]}, "y")
    save("two_inputs", [helper.make_node("Add", ["a", "b"], ["y"])], {"a": [1, 3, 8, 8], "b": [1, 3, 8, 8]}, "y")
    save("picture_out", [helper.make_node("Relu", ["x"], ["y"])], {"x": [1, 3, 8, 8]}, "y")


if __name__ == "__main__":
    main()

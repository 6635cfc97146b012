"""Whole networks with random weights, exported from torchvision, and what onnxruntime computes: every value, not only the output.

Run: python networks.py FOLDER NAME    (torch, torchvision, onnx, onnxruntime, numpy; seed 7)
     python networks.py --list
Writes FOLDER/NAME/model.onnx, input.npy, values.tsv (number, ONNX name) and NUMBER.npy for each value.
"""

import pathlib
import sys

import numpy as np

# Name: side of the square input.
NETWORKS = {
    "alexnet": 224, "vgg16": 224, "googlenet": 224, "resnet18": 224, "resnet50": 224, "squeezenet1_0": 224,
    "squeezenet1_1": 224, "mobilenet_v2": 224, "mobilenet_v3_small": 224, "mobilenet_v3_large": 224, "densenet121": 224,
    "efficientnet_b0": 224, "shufflenet_v2_x1_0": 224, "inception_v3": 299, "regnet_y_400mf": 224, "convnext_tiny": 224,
}
SEED = 7


def export(name, path):
    """The network, with batch-norm statistics that random inputs give, so that activations stay of order one."""
    import torch
    import torchvision

    torch.manual_seed(SEED)
    options = {}
    if name in ("googlenet", "inception_v3"):
        options = dict(init_weights=True, aux_logits=True, transform_input=False)
    network = getattr(torchvision.models, name)(weights=None, **options)
    side = NETWORKS[name]
    for module in network.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.momentum = 1.0
    network.train()
    with torch.no_grad():
        network(torch.randn(4, 3, side, side))
    network.eval()
    torch.onnx.export(network, torch.randn(1, 3, side, side), str(path), opset_version=17, dynamo=False,
                      input_names=["x"], output_names=["y"])
    return np.random.default_rng(SEED).standard_normal((1, 3, side, side)).astype(np.float32)


def run(path, folder, x):
    """Every floating-point value that a node computes, as onnxruntime has it without optimisations."""
    import onnx
    import onnxruntime

    model = onnx.load(path)
    inferred = onnx.shape_inference.infer_shapes(model)
    known = {v.name for v in inferred.graph.value_info if v.type.tensor_type.elem_type == onnx.TensorProto.FLOAT}
    outputs = {o.name for o in model.graph.output}
    constants = {o for n in model.graph.node if n.op_type == "Constant" for o in n.output}
    taps = [o for n in model.graph.node for o in n.output if o in known and o not in outputs | constants]
    model.graph.output.extend(onnx.helper.make_tensor_value_info(t, onnx.TensorProto.FLOAT, None) for t in taps)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]
    lines = []
    for number, (name, value) in enumerate(zip(names, session.run(names, {"x": x}))):
        np.save(folder / f"{number}.npy", value)
        lines.append(f"{number}\t{name}\n")
    (folder / "values.tsv").write_text("".join(lines))


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(NETWORKS))
        return
    folder = pathlib.Path(sys.argv[1]) / sys.argv[2]
    folder.mkdir(parents=True, exist_ok=True)
    x = export(sys.argv[2], folder / "model.onnx")
    np.save(folder / "input.npy", x)
    run(folder / "model.onnx", folder, x)


if __name__ == "__main__":
    main()

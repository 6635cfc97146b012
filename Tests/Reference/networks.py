#!/usr/bin/env python3
"""Compares whole networks with double precision and with onnxruntime: random weights, exported from torchvision, every
intermediate value tapped.

usage: networks.py RUNNER FOLDER [NETWORK ...] [--quick]

RUNNER is the reference-runner executable, FOLDER keeps the exported models. Errors are max |difference| by the root mean square of
a value. Fails when the output of any network differs from onnxruntime's by more than 3e-5, or any value from that of double
arithmetic (exact.py) by more than 3e-5. Deep networks amplify the rounding of their first layers, so that float32
itself may exceed that: where onnxruntime does, or comes near, the limit is twice the worst error of onnxruntime in that network.
Prints a table with the worst errors of all values (ours and onnxruntime's from double arithmetic, and between the two), and the
time of the shortest of 10 runs on one and two threads, ours and onnxruntime's.
"""
import os
import subprocess
import sys

import numpy as np

import exact

SEED = 20
OUTPUT_LIMIT = 3e-5
VALUE_LIMIT = 3e-5
PEER_FACTOR = 2.0
SLOWNESS_LIMIT = 3.0

# name in torchvision.models, input size
NETWORKS = {
    "alexnet": 224, "vgg16": 224, "googlenet": 224, "resnet18": 224, "resnet50": 224, "squeezenet1_0": 224,
    "squeezenet1_1": 224, "mobilenet_v2": 224, "mobilenet_v3_large": 224, "mobilenet_v3_small": 224, "densenet121": 224,
    "efficientnet_b0": 224, "shufflenet_v2_x1_0": 224, "inception_v3": 299, "regnet_y_400mf": 224, "regnet_x_400mf": 224,
    "convnext_tiny": 224,
}


def make_pictures(count, size):
    """Random pictures with structure at every scale, as photographs have it, of about unit variance."""
    import torch

    pictures = 0.3 * torch.randn(count, 3, size, size)
    for cells in (2, 4, 8, 16, 32, 64):
        pictures += torch.nn.functional.interpolate(
            torch.randn(count, 3, cells, cells), size=(size, size), mode="bicubic", align_corners=False)
    return pictures / 2.5


def make_network(name):
    """The network with weights by its own initialisation and batch statistics as a trained one has them: those of its own
    activations on pictures, so that no activation vanishes or explodes with depth. The normalised channels are shifted
    by 0 to 1: without that, a deep stack of random layers multiplies rounding errors tenfold (in float32 against
    float64 PyTorch too), which would say nothing about the engines."""
    import torch
    import torchvision

    torch.manual_seed(SEED)
    options = {"weights": None}
    if name in ("googlenet", "inception_v3"):
        options.update(aux_logits=True, init_weights=True)
    network = getattr(torchvision.models, name)(**options)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.bias, 0.0, 1.0)
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if type(module).__name__ == "CNBlock":
            torch.nn.init.uniform_(module.layer_scale, 0.1, 0.5)
        if type(module).__name__ == "StochasticDepth":
            module.p = 0.0
    network.train()
    with torch.no_grad():
        network(make_pictures(4, NETWORKS[name]))
    return network.eval()


def export(name, path):
    """Writes the network as ONNX with one picture per batch."""
    import torch

    if os.path.exists(path):
        return
    picture = torch.randn(1, 3, NETWORKS[name], NETWORKS[name])
    torch.onnx.export(
        make_network(name), picture, path + ".part", dynamo=False, opset_version=17, input_names=["input"],
        output_names=["output"], do_constant_folding=True)
    os.rename(path + ".part", path)


def expose_all_values(path):
    """The model with every float32 value that a node computes as a further output."""
    import onnx

    model = onnx.shape_inference.infer_shapes(onnx.load(path))
    known = {v.name for v in model.graph.output}
    for info in model.graph.value_info:
        if info.type.tensor_type.elem_type == onnx.TensorProto.FLOAT and info.name not in known:
            model.graph.output.append(info)
    return model.SerializeToString()


def options(threads, optimise):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    if not optimise:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return options


def peer_values(path, picture):
    import onnxruntime as ort

    session = ort.InferenceSession(expose_all_values(path), options(2, False), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"input": picture})))


def peer_time(path, picture, threads, repeats):
    import time

    import onnxruntime as ort

    session = ort.InferenceSession(path, options(threads, True), providers=["CPUExecutionProvider"])
    best = float("inf")
    for _ in range(repeats + 2):
        start = time.perf_counter()
        session.run(None, {"input": picture})
        best = min(best, (time.perf_counter() - start) * 1e3)
    return best


def ours(runner, path, inputs, outputs, *arguments):
    result = subprocess.run([runner, path, inputs, outputs, *arguments], capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(result.stderr.strip() or f"reference-runner ended with {result.returncode}")
    return dict(line.split("\t", 1) for line in result.stdout.splitlines() if not line.startswith("step"))


def deviation(got, want):
    """max |difference| / rms of what is wanted."""
    rms = float(np.sqrt(np.mean(np.square(want, dtype=np.float64))))
    return float(np.max(np.abs(got.astype(np.float64) - want))) / max(rms, 1e-20)


def compare(runner, folder, name, repeats):
    import torch

    path, inputs, outputs = (os.path.join(folder, name + end) for end in (".onnx", ".in.npz", ".out.npz"))
    export(name, path)
    torch.manual_seed(SEED + 1)
    picture = make_pictures(1, NETWORKS[name]).numpy()
    np.savez(inputs, input=picture)
    peer, wanted = peer_values(path, picture), exact.values(path, picture)
    names = ours(runner, path, inputs, outputs, "--taps")
    got = np.load(outputs)
    worst, worst_name, worst_peer, apart, count = 0.0, "", 0.0, 0.0, 0
    for key, value in names.items():
        if key.startswith("tap") and value in wanted and value in peer:
            count += 1
            d = deviation(got[key], wanted[value])
            if not d <= worst:
                worst, worst_name = d, value
            worst_peer = max(worst_peer, deviation(peer[value], wanted[value]))
            apart = max(apart, deviation(got[key], peer[value]))
    output = deviation(got["output0"], peer["output"])
    untapped = ours(runner, path, inputs, outputs)
    same = np.array_equal(np.load(outputs)["output0"], got["output0"])
    os.remove(outputs)
    row = {"network": name, "output": output, "values": count, "worst": worst, "worst_name": worst_name,
           "worst_peer": worst_peer, "apart": apart, "same": same}
    for threads in (1, 2):
        if repeats:
            timed = ours(runner, path, inputs, outputs, "--threads", str(threads), "--repeat", str(repeats))
            row[f"ours{threads}"] = float(timed["milliseconds"])
            row[f"peer{threads}"] = peer_time(path, picture, threads, repeats)
            os.remove(outputs)
    return row


def verdict(row):
    if not row["output"] <= OUTPUT_LIMIT:
        return "OUTPUT DIFFERS"
    if not row["worst"] <= max(VALUE_LIMIT, PEER_FACTOR * row["worst_peer"]):
        return "VALUE DIFFERS: " + row["worst_name"]
    if not row["same"]:
        return "TAPS CHANGE THE OUTPUT"
    if "ours1" in row and row["ours1"] > SLOWNESS_LIMIT * row["peer1"]:
        return "ok, but slow"
    return "ok"


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(arguments) < 2:
        sys.exit(__doc__)
    runner, folder, names = arguments[0], arguments[1], arguments[2:] or list(NETWORKS)
    os.makedirs(folder, exist_ok=True)
    repeats = 0 if "--quick" in sys.argv else 10
    print(f"{'network':20} {'output':>8} {'values':>6} {'ours':>8} {'ort':>8} {'between':>8}  {'1 thread: ours, ort':>20}  {'2 threads':>16}  verdict")
    failed = []
    for name in names:
        try:
            row = compare(runner, folder, name, repeats)
        except Exception as error:  # The table goes on; the error is this row's verdict.
            failed.append(name)
            print(f"{name:20} {type(error).__name__}: {error}", flush=True)
            continue
        times = ["".join(f"{row[who + t]:8.2f}" for who in ("ours", "peer")) if repeats else "" for t in ("1", "2")]
        print(
            f"{name:20} {row['output']:8.1e} {row['values']:6} {row['worst']:8.1e} {row['worst_peer']:8.1e} {row['apart']:8.1e}  {times[0]:>20}  {times[1]:>16}  "
            f"{verdict(row)}", flush=True)
        if not verdict(row).startswith("ok"):
            failed.append(name)
    if failed:
        sys.exit(f"networks.py: {len(failed)} of {len(names)} networks differ: {', '.join(failed)}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Measures our engine beside onnxruntime, OpenVINO and ncnn: the same networks, weights and picture, in one interleaved run.

usage: bench.py [NETWORK ...] [--threads 1,2] [--rounds 9] [--precision fp32|bf16] [--engines fovea,onnxruntime,openvino,ncnn]
                [--save FILE]
       bench.py --show FILE ...

Each engine keeps its network loaded in a process of its own. A round gives each engine one turn, in an order that rotates:
a pause, one run to warm up, then runs for about 60 ms by the clock, of which the median counts. The table has the median
over the rounds. Networks are exported once, with random weights of a fixed seed, into $FOVEA_NETWORKS (.build/networks).
"""
import argparse
import datetime
import json
import math
import os
import statistics
import subprocess
import sys
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(ROOT, "Tests", "Reference"))

from engines import BF16_PEERS, ENGINES, FP32_PEERS  # noqa: E402
from report import print_table  # noqa: E402

NETWORKS = [
    "vgg16", "resnet18", "resnet50", "googlenet", "alexnet", "squeezenet1_1", "mobilenet_v2", "densenet121",
    "efficientnet_b0", "shufflenet_v2_x1_0", "inception_v3"]
OURS = "fovea"
RUNNER = os.path.join(ROOT, ".build", "release", "reference-runner")
TURN_MS, PAUSE_S = 60, 0.03
# max |difference| / rms from onnxruntime: ours must stay within the first, what is above the second is another network.
OUR_LIMIT, PEER_LIMIT = 3e-5, 1e-2


class Worker:
    """An engine in a process of its own."""

    def __init__(self, engine, path, inputs, threads):
        self.engine = engine
        if engine.startswith(OURS):
            # fovea-bf16: the same engine with --precision bf16.
            command = [RUNNER, path, inputs, "-", "--serve", "--threads", str(threads)]
            command += ["--precision", engine.split("-", 1)[1]] if "-" in engine else []
        else:
            script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "worker.py")
            command = [sys.executable, "-W", "ignore", script, engine, path, inputs, str(threads)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.facts = self.answer()
        self.medians, self.runs = [], []
        self.count = max(2, min(200, math.ceil(TURN_MS / min(self.turn(2)))))

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.engine}: {self.process.stderr.read().strip()[-400:]}")
        return json.loads(line)

    def turn(self, count):
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        return self.answer()

    def measure(self):
        time.sleep(PAUSE_S)
        times = self.turn(self.count)
        self.medians.append(statistics.median(times))
        self.runs += times

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.stderr.close()
        self.process.wait()


def prepare(name, folder, engines):
    """The network as ONNX, for ncnn as its own files too, and a picture; each made only once."""
    import networks

    path, inputs = os.path.join(folder, name + ".onnx"), os.path.join(folder, name + ".in.npz")
    networks.export(name, path)
    if not os.path.exists(inputs):
        import numpy
        import torch

        torch.manual_seed(networks.SEED + 1)
        numpy.savez(inputs, input=networks.make_pictures(1, networks.NETWORKS[name]).numpy())
    if "ncnn" in engines and not os.path.exists(os.path.join(folder, name + ".ncnn.bin")):
        size = networks.NETWORKS[name]
        converter = os.path.join(os.path.dirname(sys.executable), "pnnx")
        subprocess.run(
            [converter, name + ".onnx", f"inputshape=[1,3,{size},{size}]", "fp16=0"], cwd=folder, check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in (".pnnx.bin", ".pnnx.onnx", ".pnnx.param", ".pnnxsim.onnx", "_ncnn.py", "_pnnx.py"):
            if os.path.exists(os.path.join(folder, name + end)):
                os.remove(os.path.join(folder, name + end))
    return path, inputs


def deviation(got, want):
    """max |difference| / rms of what is wanted."""
    rms = math.sqrt(sum(w * w for w in want) / len(want))
    return max(abs(g - w) for g, w in zip(got, want)) / max(rms, 1e-20) if len(got) == len(want) else math.inf


def measure(name, threads, engines, rounds, folder):
    path, inputs = prepare(name, folder, engines)
    workers, errors = [], {}
    for engine in engines:
        try:
            workers.append(Worker(engine, path, inputs, threads))
        except RuntimeError as error:
            errors[engine] = str(error)
    for number in range(rounds):
        start = number % max(1, len(workers))
        for worker in workers[start:] + workers[:start]:
            worker.measure()
    for worker in workers:
        worker.close()
    reference = next((w.facts["output"] for w in workers if w.engine == "onnxruntime"), None)
    row = {"network": name, "threads": threads, "rounds": rounds, "engines": {}, "errors": errors}
    for worker in workers:
        facts = dict(worker.facts)
        output = facts.pop("output")
        facts["difference"] = deviation(output, reference) if reference else None
        facts.update(median_ms=statistics.median(worker.medians), min_ms=min(worker.runs), rounds_ms=worker.medians)
        row["engines"][worker.engine] = facts
    return row


def machine():
    def output(*command):
        try:
            return subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout.strip()
        except OSError:
            return ""

    with open("/proc/cpuinfo") as info:
        lines = dict(line.split(":", 1) for line in info.read().replace("\t", "").splitlines() if ":" in line)
    return {
        "cpu": lines.get("model name", "").strip(), "cores": os.cpu_count(), "kernel": os.uname().release,
        "isa": os.environ.get("FOVEA_ISA", ""), "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "revision": output("git", "rev-parse", "--short", "HEAD"), "modified": output("git", "status", "--porcelain", "-uno") != ""}


def complaints(rows):
    found = []
    for row in rows:
        for engine, facts in row["engines"].items():
            limit = OUR_LIMIT if engine == OURS else PEER_LIMIT
            if "bf16" not in engine and facts["difference"] is not None and not facts["difference"] <= limit:
                found.append(f"{row['network']}: {engine} differs from onnxruntime by {facts['difference']:.1e} of the rms")
        found += [f"{row['network']}: {error}" for error in row["errors"].values()]
    return found


def save(result, path):
    """After every row, so that an interrupted run keeps what it has."""
    if path:
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        with open(path + ".part", "w") as file:
            json.dump(result, file, indent=1)
        os.replace(path + ".part", path)


def words(text):
    return [word for word in text.replace(",", " ").split() if word]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*")
    parser.add_argument("--threads", default="1,2", type=words)
    parser.add_argument("--rounds", default=9, type=int)
    parser.add_argument("--precision", default="fp32", choices=["fp32", "bf16"])
    parser.add_argument("--engines", type=words)
    parser.add_argument("--save")
    parser.add_argument("--show", nargs="+", metavar="FILE")
    arguments = parser.parse_args()
    usual = [OURS, *FP32_PEERS] if arguments.precision == "fp32" else [OURS + "-bf16", *BF16_PEERS]
    arguments.engines = arguments.engines or usual
    if arguments.show:
        saved = []
        for path in arguments.show:
            with open(path) as file:
                saved.append(json.load(file))
        return print_table([row for part in saved for row in part["rows"]], saved[-1]["machine"])
    unknown = [e for e in arguments.engines if e not in ENGINES and e.split("-")[0] != OURS]
    unknown += [n for n in arguments.networks if n not in NETWORKS]
    if unknown:
        sys.exit(f"bench.py: {', '.join(unknown)}: not known; networks: {', '.join(NETWORKS)}; "
                 f"engines: {OURS}, {', '.join(ENGINES)}")
    folder = os.environ.get("FOVEA_NETWORKS") or os.path.join(ROOT, ".build", "networks")
    os.makedirs(folder, exist_ok=True)
    result = {"machine": machine(), "rows": []}
    for name in arguments.networks or NETWORKS:
        for threads in arguments.threads:
            result["rows"].append(measure(name, int(threads), arguments.engines, arguments.rounds, folder))
            print(f"{name}, {threads} threads: measured", file=sys.stderr, flush=True)
            save(result, arguments.save)
    print_table(result["rows"], result["machine"])
    found = complaints(result["rows"])
    if found:
        sys.exit("\n".join(["bench.py: " + line for line in found]))


if __name__ == "__main__":
    main()

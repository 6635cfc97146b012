#!/usr/bin/env python3
"""One engine in a process of its own, speaking lines of JSON: worker.py ENGINE MODEL.onnx INPUTS.npz THREADS

After loading and one run it prints an object: version, load_ms, first_ms, memory_bytes (growth of the process's resident
memory from before the load to its highest), output (the first output's numbers). Then for each line "N" it runs once, then
N times by the clock, and prints the N times in milliseconds. It ends with its input.

reference-runner --serve does the same for our engine.
"""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "Tests", "Reference"))


def status_bytes(key):
    with open("/proc/self/status") as status:
        return next(1024 * int(line.split()[1]) for line in status if line.startswith(key + ":"))


def milliseconds(work):
    start = time.perf_counter()
    result = work()
    return (time.perf_counter() - start) * 1e3, result


def main():
    import numpy

    from engines import ENGINES

    name, path, inputs, threads = sys.argv[1:5]
    picture = numpy.ascontiguousarray(numpy.load(inputs)["input"])
    engine = ENGINES[name](path, int(threads))
    before = status_bytes("VmRSS")
    load, _ = milliseconds(engine.load)
    first, output = milliseconds(lambda: engine.run(picture))
    output = numpy.array(output, dtype=numpy.float64).ravel().tolist()
    print(json.dumps({
        "version": engine.version, "load_ms": load, "first_ms": first,
        "memory_bytes": max(0, status_bytes("VmHWM") - before), "output": output}), flush=True)
    for line in sys.stdin:
        engine.run(picture)
        print(json.dumps([milliseconds(lambda: engine.run(picture))[0] for _ in range(int(line))]), flush=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""The whole job beside what one would write without Fovea, and beside plain transcoding, which is the floor.

usage: whole_job.py FOVEA MODEL LABELS VIDEO [--threads 1] [--rounds 3] [--save FILE] [--saliency]

Each round runs every job once: `ffmpeg` transcoding at the same preset and quality, `fovea annotate` with the best five
classes, and annotate.py with onnxruntime and with PyTorch (a torchvision network of the model's name). The table has the
medians of CPU time and wall time. The share compares fovea's CPU time with the transcoding's plus that of the pure
inference: the median run of `fovea bench` on one thread, times the frames. With --saliency the jobs are Grad-CAM on every
frame, by `fovea annotate --saliency grad-cam` and by saliency.py (PyTorch, pytorch-grad-cam), and `fovea annotate` without.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def measure(command):
    """CPU and wall seconds of a command and its children."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def frame_count(video):
    found = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v:0", "-count_packets", "-show_entries", "stream=nb_read_packets",
         "-of", "csv=p=0", video], capture_output=True, text=True, check=True)
    return int(found.stdout.strip().strip(","))


def inference_seconds(arguments, frames):
    found = subprocess.run(
        [arguments.fovea, "bench", arguments.model, "--threads", "1", "--runs", "100", "--json"], capture_output=True,
        text=True, check=True)
    return json.loads(found.stdout)["models"][0]["median_ms"] * 1e-3 * frames


def jobs(arguments, folder):
    def out(name):
        return os.path.join(folder, name + ".mp4")

    if arguments.saliency:
        return saliency_jobs(arguments, out)
    script, threads = os.path.join(HERE, "annotate.py"), str(arguments.threads)
    return {
        "ffmpeg, transcoding alone": [
            "ffmpeg", "-v", "error", "-y", "-i", arguments.video, "-c:v", "libx264", "-preset", "veryfast", "-crf", "20",
            "-c:a", "copy", out("ffmpeg")],
        "fovea annotate": [
            arguments.fovea, "annotate", arguments.video, out("fovea"), "-y", "-q", "-m", arguments.model, "--top", "5",
            "--codec", "libx264", "--preset", "veryfast", "--threads", threads],
        "onnxruntime + OpenCV": [
            sys.executable, script, "onnxruntime", arguments.model, arguments.labels, arguments.video, out("ort"), threads],
        "PyTorch + OpenCV": [
            sys.executable, "-W", "ignore", script, "torch", arguments.torch, arguments.labels, arguments.video, out("torch"),
            threads],
    }


def saliency_jobs(arguments, out):
    script, threads = os.path.join(HERE, "saliency.py"), str(arguments.threads)
    fovea = ["-y", "-q", "-m", arguments.model, "--codec", "libx264", "--preset", "veryfast", "--threads", threads]
    return {
        "fovea annotate": [arguments.fovea, "annotate", arguments.video, out("fovea")] + fovea,
        "fovea annotate --saliency grad-cam": [
            arguments.fovea, "annotate", arguments.video, out("heat"), "--saliency", "grad-cam"] + fovea,
        "PyTorch + pytorch-grad-cam + OpenCV": [
            sys.executable, "-W", "ignore", script, arguments.torch, arguments.labels, arguments.video, out("torch"), "2"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("fovea", "model", "labels", "video"):
        parser.add_argument(name)
    parser.add_argument("--torch", default="squeezenet1_1")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--save")
    parser.add_argument("--saliency", action="store_true")
    arguments = parser.parse_args()
    frames = frame_count(arguments.video)
    with tempfile.TemporaryDirectory() as folder:
        commands = jobs(arguments, folder)
        times = {name: [] for name in commands}
        inference = []
        for _ in range(arguments.rounds):
            for name, command in commands.items():
                times[name].append(measure(command))
            if not arguments.saliency:
                inference.append(inference_seconds(arguments, frames))
    medians = {name: [statistics.median(column) for column in zip(*pairs)] for name, pairs in times.items()}
    print(f"{os.path.basename(arguments.video)}, {frames} frames, {os.path.basename(arguments.model)}, "
          f"{arguments.threads} threads for the network\n")
    print("| job | CPU s | wall s | frames/s |\n|---|---|---|---|")
    for name, (cpu, wall) in medians.items():
        print(f"| {name} | {cpu:.2f} | {wall:.2f} | {frames / wall:.0f} |")
    facts = {"frames": frames, "jobs": medians, "rounds": times}
    if arguments.saliency:
        plain, heat, torch = (seconds[1] for seconds in medians.values())
        facts |= {"speed_of_plain": plain / heat, "times_peer": torch / heat}
        print(f"\nwith Grad-CAM {plain / heat:.0%} of the frames/s without it, {torch / heat:.1f} times the peer's")
    else:
        pure = statistics.median(inference)
        share = medians["fovea annotate"][0] / (medians["ffmpeg, transcoding alone"][0] + pure)
        facts |= {"inference_s": pure, "share": share}
        print(f"\npure inference {pure:.2f} s; fovea annotate / (transcoding + inference) = {share:.2f}")
    if arguments.save:
        with open(arguments.save, "w") as file:
            json.dump(facts, file, indent=1)


if __name__ == "__main__":
    main()

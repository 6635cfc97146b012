#!/usr/bin/env python3
"""What one would write without Fovea: OpenCV reads a video, an engine classifies each frame, OpenCV writes the best five
classes on it, ffmpeg encodes. annotate.py onnxruntime|torch MODEL LABELS INPUT OUTPUT [THREADS]

MODEL is an ONNX file; for torch the name of a torchvision network, whose weights are random, so that only the time counts.
"""
import subprocess
import sys

import cv2
import numpy as np

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)


def make_classifier(engine, model, threads):
    if engine == "onnxruntime":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        return lambda x: session.run(None, {name: x})[0].ravel()
    import torch
    import torchvision

    torch.set_num_threads(threads)
    network = getattr(torchvision.models, model)(weights=None).eval()

    def classify(x):
        with torch.inference_mode():
            return network(torch.from_numpy(x)).numpy().ravel()

    return classify


def tensor(frame):
    """The shorter side to 256, the middle 224 x 224, normalised, [1, 3, 224, 224]."""
    height, width = frame.shape[:2]
    scale = 256 / min(height, width)
    small = cv2.resize(frame, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    top, left = (small.shape[0] - 224) // 2, (small.shape[1] - 224) // 2
    rgb = small[top:top + 224, left:left + 224, ::-1].astype(np.float32) / 255
    return np.ascontiguousarray(((rgb - MEAN) / STD).transpose(2, 0, 1)[None])


def draw(frame, scores, labels):
    odds = np.exp(scores - scores.max())
    odds /= odds.sum()
    for line, index in enumerate(np.argsort(-odds)[:5]):
        text = f"{odds[index]:6.1%} {labels[index] if index < len(labels) else index}"
        cv2.putText(frame, text, (12, 28 + 24 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 1, cv2.LINE_AA)


def encoder(capture, output):
    width, height = (int(capture.get(key)) for key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
    return subprocess.Popen(
        ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{width}x{height}", "-r",
         str(capture.get(cv2.CAP_PROP_FPS)), "-i", "-", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt",
         "yuv420p", output], stdin=subprocess.PIPE)


def main():
    engine, model, names, source, output = sys.argv[1:6]
    threads = int(sys.argv[6]) if len(sys.argv) > 6 else 2
    cv2.setNumThreads(threads)
    with open(names) as file:
        labels = [line.strip() for line in file]
    classify = make_classifier(engine, model, threads)
    capture = cv2.VideoCapture(source)
    sink = encoder(capture, output)
    count = 0
    while True:
        found, frame = capture.read()
        if not found:
            break
        draw(frame, classify(tensor(frame)), labels)
        sink.stdin.write(frame.data)
        count += 1
    sink.stdin.close()
    if sink.wait() != 0 or count == 0:
        sys.exit("annotate.py: nothing was written")


if __name__ == "__main__":
    main()

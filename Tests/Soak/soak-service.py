#!/usr/bin/env python3
"""soak-service.py MINUTES [FOVEA]: runs `fovea serve` with four cameras among faults and viewers, and accounts for every frame.

Cameras: a clip recorded as it is, a test picture recorded with its overlays, a test picture with rules, and a network camera that
stalls, sends damaged packets and vanishes; a real one as well where there is /dev/video0. Meanwhile viewers come and go, one reads nothing, the
configuration is changed and broken, the broker and the webhook die, and (as root) the disk fills up.

Fails when the program ends, when memory or descriptors grow, when frames are unaccounted for, when recorded files do not hold the frames
that were told, or when SIGTERM takes more than 5 s.
"""
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 3
fovea = sys.argv[2] if len(sys.argv) > 2 else ".build/release/fovea"
root = pathlib.Path(__file__).resolve().parents[2]
folder = pathlib.Path(tempfile.mkdtemp(prefix="fovea-soak-"))
state = folder / "state"
random.seed(20)
faults, failures = [], []
over = threading.Event()


def say(text):
    print(f"soak: {time.strftime('%H:%M:%S')} {text}", flush=True)


def fault(text):
    faults.append(text)
    say(text)


def sh(*words, **options):
    return subprocess.run(words, check=False, capture_output=True, text=True, **options)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Camera(threading.Thread):
    """A network camera: an MPEG-TS over TCP at its own pace, with faults."""

    def __init__(self, stream):
        super().__init__(daemon=True)
        self.bytes, self.port, self.mood = stream, free_port(), "well"
        self.socket = socket.create_server(("127.0.0.1", self.port))

    def run(self):
        while True:
            peer, _ = self.socket.accept()
            try:
                self.serve(peer)
            except OSError:
                pass
            peer.close()

    def serve(self, peer):
        packet, rate, start, sent = 188 * 7, len(self.bytes) / 10, time.monotonic(), 0
        while True:
            for offset in range(0, len(self.bytes), packet):
                part = bytearray(self.bytes[offset : offset + packet])
                if self.mood == "gone":
                    return
                while self.mood == "stalls":
                    time.sleep(0.1)
                    start += 0.1
                if self.mood == "damaged" and random.random() < 0.02:
                    for _ in range(30):
                        part[random.randrange(len(part))] = random.randrange(256)
                peer.sendall(part)
                sent += len(part)
                time.sleep(max(0, start + sent / rate - time.monotonic()))


def make_clips():
    clip = folder / "clip.mp4"
    common = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=640x360:rate=15:duration=10", "-f", "lavfi", "-i",
              "sine=duration=10", "-c:v", "libx264", "-g", "15", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    subprocess.run([*common, str(clip)], check=True)
    subprocess.run([*common, "-f", "mpegts", str(folder / "clip.ts")], check=True)
    return clip, Camera((folder / "clip.ts").read_bytes())


def configuration(clip, camera, broker, hook, extra=""):
    rule = '[[camera.rule]]\nname = "any"\nclass = "1"\nconfidence = 0.0\ncooldown = "5s"\nfor = "1s"\n'
    real = '[[camera]]\nname = "real"\nsource = "/dev/video0"\nrecord = "off"\n' if os.path.exists("/dev/video0") else ""
    return f"""
[viewer]
port = 0
[model]
file = "{root}/Samples/Model/fovea-default.onnx"
[storage]
folder = "{state}"
max_size = "150MB"
min_free = "20MB"
[mqtt]
broker = "mqtt://127.0.0.1:{broker}"
[webhook]
url = "http://127.0.0.1:{hook}/hook"
[[camera]]
name = "clip"
source = "{clip}"
record_when = "always"
segment = "20s"
{rule}
[[camera]]
name = "picture"
source = "synthetic:size=640x360,rate=15"
record = "annotated"
record_when = "always"
segment = "20s"
[[camera]]
name = "rules"
source = "synthetic:size=320x240,rate=10"
record = "annotated"
{rule}
[[camera]]
name = "net"
source = "tcp://127.0.0.1:{camera.port}"
record_when = "always"
segment = "20s"
timeout = "3s"
{real}{extra}"""


class Service:
    def __init__(self, text):
        self.file = folder / "fovea.toml"
        self.file.write_text(text)
        self.log = open(folder / "log", "w+", encoding="utf-8")
        self.process = subprocess.Popen([fovea, "serve", "--config", str(self.file)], stderr=self.log)
        for _ in range(600):
            said = (folder / "log").read_text()
            if "http://" in said:
                self.url = "http://" + said.split("http://")[1].split("/")[0]
                return
            if self.process.poll() is not None:
                sys.exit(said)
            time.sleep(0.05)
        sys.exit("soak: the service does not start")

    def get(self, path, timeout=10):
        return urllib.request.urlopen(f"{self.url}/{path}", timeout=timeout)

    def cameras(self):
        return {c["name"]: c for c in json.load(self.get("v1/cameras"))["cameras"]}

    def numbers(self):
        pid = self.process.pid
        pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * 4096 / 2**20, len(os.listdir(f"/proc/{pid}/fd"))


def watch(service):
    """A viewer that comes, looks a while and goes without a word."""
    paths = ["", "v1/cameras", "v1/events", "metrics", "cameras/clip/stream.mjpg", "cameras/picture/v1/watch",
             "cameras/net/snapshot.jpg", "cameras/rules/v1/events", "v1/recordings"]
    while not over.is_set():
        try:
            with service.get(random.choice(paths), timeout=3) as answer:
                end = time.monotonic() + random.uniform(0.2, 5)
                while time.monotonic() < end and answer.read(65536):
                    pass
        except (OSError, ValueError):
            time.sleep(0.1)


def sleep_reader(service):
    """A viewer that asks and then reads nothing."""
    host, port = service.url.removeprefix("http://").split(":")
    while not over.is_set():
        try:
            with socket.create_connection((host, int(port))) as peer:
                peer.sendall(f"GET /cameras/clip/v1/watch HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
                over.wait(20)
        except OSError:
            over.wait(1)


def accounted(service, when):
    for name, camera in service.cameras().items():
        known = camera["analysed"] + camera["dropped"] + sum(camera["skipped"].values())
        if abs(camera["captured"] - known) > 4:
            failures.append(f"{when}: {name} captured {camera['captured']} frames, {known} are accounted for")


def frames_in(path):
    counted = sh("ffprobe", "-v", "error", "-count_packets", "-select_streams", "v", "-show_entries", "stream=nb_read_packets",
                 "-of", "csv=p=0", str(path))
    return int(counted.stdout.strip().strip(",") or 0)


def main():
    state.mkdir()
    is_small = os.geteuid() == 0 and sh("mount", "-t", "tmpfs", "-o", "size=260M", "tmpfs", str(state)).returncode == 0
    clip, camera = make_clips()
    camera.start()
    broker, hook = free_port(), free_port()
    conf = folder / "mosquitto.conf"
    conf.write_text(f"listener {broker} 127.0.0.1\nallow_anonymous true\n")
    mosquitto = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")

    def start_broker():
        return subprocess.Popen([mosquitto, "-c", str(conf)], stderr=subprocess.DEVNULL) if mosquitto else None

    server = start_broker()
    text = configuration(clip, camera, broker, hook)
    service = Service(text)
    for target in [watch] * 4 + [sleep_reader]:
        threading.Thread(target=target, args=(service,), daemon=True).start()

    def mood(value, seconds):
        def act():
            camera.mood = value
            over.wait(seconds)
            camera.mood = "well"
        return act

    def reload_config(extra):
        def act():
            service.file.write_text(configuration(clip, camera, broker, hook, extra))
            service.process.send_signal(signal.SIGHUP)
            over.wait(6)
            service.file.write_text(text)
            service.process.send_signal(signal.SIGHUP)
        return act

    def broker_down():
        nonlocal server
        if server:
            server.kill()
            server.wait()
            over.wait(8)
            server = start_broker()

    def disk_full():
        if not is_small:
            return
        with open(state / "filler", "wb") as filler:
            try:
                while True:
                    filler.write(b"\0" * 2**20)
                    filler.flush()
            except OSError:
                pass
        over.wait(10)
        os.unlink(state / "filler")

    chores = [
        ("the network camera stalls", mood("stalls", 8)), ("the network camera sends damaged packets", mood("damaged", 8)),
        ("the network camera is gone", mood("gone", 6)), ("the broker dies", broker_down), ("the disk is full", disk_full),
        ("SIGHUP: one camera more", reload_config('[[camera]]\nname = "more"\nsource = "synthetic:rate=5"\n')),
        ("SIGHUP: a wrong configuration", reload_config('[[camera]]\nname = "wrong"\n')),
    ]
    end, samples, done = time.monotonic() + minutes * 60, [], 0
    start = time.monotonic()
    while time.monotonic() < end and service.process.poll() is None:
        title, act = chores[done % len(chores)]
        fault(title)
        act()
        done += 1
        over.wait(5)
        memory, descriptors = service.numbers()
        samples.append((time.monotonic() - start, memory, descriptors))
        accounted(service, title)
        say(f"{memory:.0f} MiB, {descriptors} descriptors")
    camera.mood = "well"
    if service.process.poll() is not None:
        failures.append(f"the service ended with status {service.process.returncode}")
    else:
        finish(service)
    over.set()
    judge(samples)
    if server:
        server.kill()
    if is_small:
        sh("umount", str(state))
    if failures:
        print((folder / "log").read_text()[-4000:])
        for failure in failures:
            print(f"soak: FAILED: {failure}")
        sys.exit(1)
    shutil.rmtree(folder, ignore_errors=True)
    say(f"passed: {minutes:g} minutes, {len(faults)} faults")


def finish(service):
    told = {name: c["recording"] for name, c in service.cameras().items()}
    before = time.monotonic()
    service.process.send_signal(signal.SIGTERM)
    try:
        status = service.process.wait(20)
        if status != 0:
            failures.append(f"SIGTERM ended it with status {status}")
    except subprocess.TimeoutExpired:
        service.process.kill()
        failures.append("SIGTERM did not end it in 20 s")
    took = time.monotonic() - before
    say(f"SIGTERM took {took:.1f} s")
    if took > 5:
        failures.append(f"SIGTERM took {took:.1f} s")
    if list(state.rglob("*.partial*")):
        failures.append(f"unfinished files: {[p.name for p in state.rglob('*.partial*')][:5]}")
    for path in state.rglob("*.mp4"):
        if frames_in(path) == 0:
            failures.append(f"{path.name} holds no frames")
    check = sh("sqlite3", str(state / "events.db"), "PRAGMA integrity_check") if shutil.which("sqlite3") else None
    if check and check.stdout.strip() != "ok":
        failures.append(f"events.db: {check.stdout} {check.stderr}")
    for name, recording in told.items():
        say(f"{name}: {recording}")


def judge(samples):
    """Memory and descriptors must not grow, once every chore was done a first time: until then buffers and threads are new."""
    samples = samples[7:]
    if len(samples) < 4:
        return
    half = len(samples) // 2
    for index, title, most in [(1, "memory in MiB", 40), (2, "descriptors", 8)]:
        first, last = (statistics.median(s[index] for s in part) for part in (samples[:half], samples[-half:]))
        say(f"{title}: {first:.0f} at first, {last:.0f} at last")
        if last - first > most:
            failures.append(f"{title} grew from {first:.0f} to {last:.0f}")


main()

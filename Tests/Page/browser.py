"""A running `fovea view`, and a browser that looks at it. Used by page_tests.py."""

import json
import os
import re
import subprocess
import time
import urllib.request

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


class Viewer:
    """`fovea view` on a port of its own."""

    def __init__(self, binary, source, model, port=0, extra=()):
        self.command = [binary, "view", source, "--model", model, "--port", str(port), *extra]
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                self.url = f"http://127.0.0.1:{self.port}/"
                return
        raise SystemExit(f"fovea view ended: {self.process.wait()}")

    def get(self, path, raw=False):
        with urllib.request.urlopen(self.url + path, timeout=20) as answer:
            data = answer.read()
        return data if raw else json.loads(data)

    def control(self, **wish):
        request = urllib.request.Request(
            self.url + "v1/control", json.dumps(wish).encode(), {"X-Fovea": "1", "Content-Type": "application/json"})
        return json.loads(urllib.request.urlopen(request, timeout=20).read())

    def stop(self):
        self.process.terminate()
        self.process.stderr.close()
        return self.process.wait(20)


class Checks:
    """Counts what holds and what does not."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, holds, detail=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
        print(f"{'passed' if holds else 'FAILED'}: {name}{'' if holds else f' ({detail})'}", flush=True)

    def close(self):
        print(f"{self.passed} passed, {self.failed} failed")
        raise SystemExit(1 if self.failed else 0)


def until(condition, seconds=20.0):
    """What the condition says once it says something, or when time is over."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.05)


def open_page(browser, url, problems, width=1280, height=900, scheme="dark"):
    """A page whose console errors, and requests to elsewhere, are problems."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    origin = url.split("/")[2]
    page.on("request", lambda request: problems.append(request.url) if request.url.split(":")[0] in ("http", "https", "ws")
            and request.url.split("/")[2] != origin else None)
    page.goto(url)
    return page


def text(page, selector):
    return page.eval_on_selector(selector, "element => element.textContent")


def picture_of(page):
    """Numbers that change when the picture does."""
    return page.evaluate("""() => {
      const canvas = document.getElementById('picture');
      const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      let sum = 0;
      for (let i = 0; i < data.length; i += 97) sum = (sum * 31 + data[i]) % 1000000007;
      return sum;
    }""")


def latest(page, key):
    return page.evaluate(f"window.foveaLatest?.{key}")

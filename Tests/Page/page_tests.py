"""Drives the viewer's page in headless Chromium: page_tests.py FOVEA MODEL CLIP [FOLDER for screenshots]

Prints a line for each check, then "N passed, N failed". With onnxruntime installed, compares the API's numbers with its.
"""

import io
import json
import sys

from browser import CHROMIUM, Checks, Viewer, latest, open_page, picture_of, text, until
from playwright.sync_api import sync_playwright


def layers_of(viewer):
    return [layer for layer in viewer.get("v1/layers")["layers"] if layer["watchable"]]


def check_picture(checks, page):
    checks.check("the page is live", until(lambda: text(page, "#status") == "Live"), text(page, "#status"))
    first = picture_of(page)
    checks.check("the picture moves", until(lambda: picture_of(page) != first))
    corner = {"capture", "waiting", "inference", "encoding", "sending", "dropped"}
    checks.check("the corner tells stages and drops", until(
        lambda: corner <= set(page.eval_on_selector_all("#numbers dt", "names => names.map(name => name.textContent)"))))
    checks.check("five bars are shown", until(lambda: page.locator(".bar:visible").count() == 5))


def check_layer(checks, viewer, page):
    layer = next(one for one in layers_of(viewer) if one["height"] > 1 and one["channels"] not in (64,))
    page.locator(f'.block[data-value="{layer["value"]}"]').click()
    wanted = min(64, layer["channels"])
    checks.check("choosing a layer shows its tiles", until(
        lambda: page.get_attribute("#mosaic", "data-value") == layer["value"]
        and page.get_attribute("#mosaic", "data-count") == str(wanted)), page.get_attribute("#mosaic", "data-count"))
    checks.check("the strip has every layer", page.locator(".block").count() == len(viewer.get("v1/layers")["layers"]))
    page.locator("#mosaic").click(position={"x": 10, "y": 10})
    checks.check("a click on a tile inspects the unit", until(lambda: page.locator("#inspector").is_visible())
                 and until(lambda: text(page, "#unit-title") == "Unit 0"), text(page, "#unit-title"))
    page.select_option("#unit-method", "guided-backprop")
    checks.check("the unit is explained", until(lambda: page.locator("#explained-figure").is_visible()))
    checks.check("patches are shown", until(lambda: page.evaluate("document.getElementById('patches').naturalWidth > 0")))
    return layer


def check_numbers(checks, viewer, page):
    viewer.control(pause=True)
    checks.check("pausing is told", until(lambda: text(page, "#status") == "Paused"), text(page, "#status"))

    def agree():
        api = {one["label_id"]: one["confidence"] for one in viewer.get("v1/top?k=5")["top"]}
        rows = page.eval_on_selector_all(
            ".bar:not([hidden])", "rows => rows.map(row => [Number(row.dataset.index), row.querySelector('.bar-value').textContent])")
        return len(rows) == 5 and all(
            index in api and abs(float(value.split()[0]) - api[index] * 100) < 0.06 for index, value in rows)

    checks.check("the numbers on the screen are the API's", until(agree))


def check_reference(checks, viewer, model):
    try:
        import numpy
        import onnxruntime
    except ImportError:
        print("skipped: the comparison with onnxruntime, which is not installed")
        return
    layer = layers_of(viewer)[2]["value"]
    arrays = numpy.load(io.BytesIO(viewer.get(f"snapshot.npz?layer={layer}", raw=True)))
    session = onnxruntime.InferenceSession(model)
    output = session.run(None, {session.get_inputs()[0].name: arrays["input"]})[0].ravel().astype(numpy.float64)
    if abs(output.sum() - 1) > 1e-3 or output.min() < 0:
        output = numpy.exp(output - output.max())
        output /= output.sum()
    error = abs(output - arrays["probabilities"]).max()
    checks.check("the API's probabilities are onnxruntime's for the same frame", error < 1e-4, error)
    checks.check("the best class is onnxruntime's", viewer.get("v1/top")["top"][0]["label_id"] == int(output.argmax()))


def check_snapshot(checks, page, kind):
    saved = []
    page.on("download", lambda one: saved.append(one))
    page.locator("#snapshot").click()
    # Reading the page lets the browser's events in.
    until(lambda: text(page, "#status") and len(saved) == 3, 10)
    saved = list(saved)
    files = {one.suggested_filename.split(".")[-1]: one for one in saved}
    checks.check(f"a snapshot {kind} is a picture, a text and numbers", set(files) == {"png", "json", "npz"}, text(page, "#notice"))
    if len(files) < 3:
        return
    with open(files["json"].path()) as file:
        told = json.load(file)
    name = f"fovea-{told['frame']:06}"
    checks.check(f"all of a snapshot {kind} is of one frame", told["frame"] > 0 and len(told["top"]) == 5
                 and all(one.suggested_filename == f"{name}.{kind}" for kind, one in files.items()), told["frame"])
    try:
        import numpy
    except ImportError:
        return
    arrays = numpy.load(files["npz"].path())
    best = told["top"][0]
    checks.check(f"the numbers of a snapshot {kind} are of that frame", arrays["frame"][0] == told["frame"]
                 and abs(arrays["probabilities"][best["label_id"]] - best["confidence"]) < 1e-4, arrays["frame"])
    checks.check(f"a snapshot {kind} has the layer", "activations" in arrays.files, arrays.files)


def check_choices(checks, browser, viewer, page, problems):
    """What one viewer chooses is told to the others."""
    second = open_page(browser, viewer.url, problems)
    until(lambda: text(second, "#status") == "Live")
    models, cameras = viewer.get("v1/model")["models"], viewer.get("v1/model")["cameras"]
    checks.check("a camera's name may hold commas", cameras[1:] == ["synthetic:size=640x360,rate=30"], cameras)
    before = [layer["value"] for layer in layers_of(viewer)]
    page.select_option("#model", models[1])
    checks.check("another model's layers are shown to both viewers", until(
        lambda: all(one.locator(".block").count() == len(viewer.get("v1/layers")["layers"])
                    and one.input_value("#model") == models[1] and latest(one, "layer?.value") not in (None, *before)
                    for one in (page, second))), [latest(one, "layer?.value") for one in (page, second)])
    checks.check("both are told its name", all(viewer.get("v1/state")["model"] in text(one, "#subject") for one in (page, second)))
    page.select_option("#camera", cameras[1])
    checks.check("another camera's pictures are shown to both viewers", until(
        lambda: all(latest(one, "resolution?.[0]") == 640 and cameras[1] in text(one, "#subject") for one in (page, second))),
        [text(one, "#subject") for one in (page, second)])
    page.select_option("#model", models[0])
    page.select_option("#camera", cameras[0])
    until(lambda: page.locator(".block").count() > len(before) and latest(page, "resolution?.[0]") != 640)
    second.context.close()


def check_keyboard(checks, page, layer):
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Escape")
    checks.check("Escape closes the unit", until(lambda: not page.locator("#inspector").is_visible()))
    page.keyboard.press("]")
    checks.check("] chooses the next layer", until(lambda: page.input_value("#layer") != layer["value"]))
    page.keyboard.press("[")
    checks.check("[ goes back", until(lambda: page.input_value("#layer") == layer["value"]))
    page.keyboard.press("ArrowRight")
    checks.check("an arrow chooses a unit", until(lambda: page.locator("#inspector").is_visible()))
    page.keyboard.press("?")
    checks.check("? shows the keys", page.locator("#help").is_visible() and page.locator("kbd").count() > 15)
    page.keyboard.press("Escape")
    checks.check("Escape closes them", until(lambda: not page.locator("#help").is_visible()))
    page.keyboard.press(" ")
    is_live = until(lambda: text(page, "#status") == "Live", 10)
    checks.check("space goes on", is_live, page.evaluate(
        "JSON.stringify([foveaLatest, document.activeElement.outerHTML.slice(0, 80), document.getElementById('notice').textContent])"))


def check_state(checks, browser, viewer, page, problems):
    page.select_option("#sort", "strength")
    unit = latest(page, "unit?.channel")
    page.reload()
    checks.check("a reload restores layer, order and unit", until(
        lambda: latest(page, "unit?.channel") == unit and page.input_value("#sort") == "strength"), page.url)
    other = layers_of(viewer)[1]["value"]
    second = open_page(browser, f"{viewer.url}?layer={other}", problems)
    checks.check("a second viewer sees another layer", until(lambda: latest(second, "layer?.value") == other)
                 and latest(page, "layer?.value") != other)
    first = picture_of(page)
    checks.check("the first one goes on", until(lambda: picture_of(page) != first))
    second.context.close()


def check_return(checks, viewer, page, problems):
    page.locator("#health summary").click()
    checks.check("layer health is filled", until(lambda: page.locator("#health-rows tr").count() > 3))
    port, before = viewer.port, len(problems)
    checks.check("the server ends properly", viewer.stop() == 0)
    checks.check("its absence is told", until(lambda: "does not answer" in text(page, "#status")), text(page, "#status"))
    viewer.command[viewer.command.index("--port") + 1] = str(port)
    viewer.start()
    checks.check("it comes back by itself", until(lambda: text(page, "#status") == "Live"), text(page, "#status"))
    # What the browser itself says of a server that is away is no fault of the page's.
    del problems[before:]


def main():
    binary, model, clip, *rest = sys.argv[1:]
    checks, problems = Checks(), []
    viewer = Viewer(binary, clip, model, extra=[
        "--loop", "--allow-model", "Tests/Fixtures/Tiny/tiny.onnx", "--allow-camera", "synthetic:size=640x360,rate=30"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = open_page(browser, viewer.url, problems)
        try:
            check_picture(checks, page)
            layer = check_layer(checks, viewer, page)
            check_snapshot(checks, page, "of a moving picture")
            check_numbers(checks, viewer, page)
            check_snapshot(checks, page, "while paused")
            check_reference(checks, viewer, model)
            check_keyboard(checks, page, layer)
            check_state(checks, browser, viewer, page, problems)
            check_choices(checks, browser, viewer, page, problems)
            check_return(checks, viewer, page, problems)
            for width, height, scheme in ((390, 844, "light"), (1280, 900, "dark"), (2560, 1440, "light")):
                shown = open_page(browser, viewer.url, problems, width, height, scheme)
                until(lambda: picture_of(shown) and shown.locator(".bar:visible").count() == 5)
                checks.check(f"nothing is wider than a screen of {width} pixels", shown.evaluate(
                    "document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
                if rest:
                    shown.screenshot(path=f"{rest[0]}/page-{width}.png")
                shown.context.close()
            checks.check("no error in the console, no request to elsewhere", not problems, problems[:3])
        finally:
            viewer.stop()
            browser.close()
    checks.close()


main()

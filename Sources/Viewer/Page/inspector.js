// One unit: its map, its numbers, what excites it, and what excited it most so far.
import { drawHistogram, paint } from "./drawing.js";
import * as picture from "./picture.js";
const $ = (id) => document.getElementById(id);
const map = $("unit-map"), explained = $("unit-explained"), patches = $("patches");
let layer = null, input = [1, 3, 1, 1], patchKey = "", patchTime = 0, unitBitmap = null;

export function setLayer(next, shape) { [layer, input] = [next, shape]; }

export async function showUnit(message, blobs, method) {
  const unit = message.unit;
  $("inspector").hidden = !unit;
  if (!unit) { hide(); return; }
  $("unit-title").textContent = `Unit ${unit.channel}`;
  facts(unit);
  drawHistogram($("histogram"), unit.histogram.counts);
  showPatches(message, unit);
  $("explained-figure").hidden = !blobs.has("unit_explained");
  $("explained-caption").textContent = method ? `${method}: what excites it in this frame` : "";
  map.parentElement.hidden = !blobs.has("unit");
  if (blobs.has("unit")) {
    const bitmap = await createImageBitmap(blobs.get("unit"));
    paint(map, bitmap);
    picture.showUnit(bitmap);
    unitBitmap?.close();
    unitBitmap = bitmap;
  }
  if (blobs.has("unit_explained")) {
    const bitmap = await createImageBitmap(blobs.get("unit_explained"));
    paint(explained, bitmap);
    bitmap.close();
  }
}

function hide() {
  picture.showUnit(null);
  unitBitmap?.close();
  unitBitmap = null;
}

function facts(unit) {
  const rows = [
    ["mean", unit.mean.toFixed(3)], ["range", `${unit.min.toFixed(2)} … ${unit.max.toFixed(2)}`],
    ["zeros", `${(unit.zeros * 100).toFixed(0)} %`], ["strongest at", `row ${unit.argmax[0]}, column ${unit.argmax[1]}`],
    ["since start", unit.dead ? "never active" : "active"],
  ];
  const list = $("unit-facts");
  if (!list.children.length) for (const [name] of rows) {
    list.append(Object.assign(document.createElement("dt"), { textContent: name }), document.createElement("dd"));
  }
  rows.forEach(([, value], index) => { list.children[2 * index + 1].textContent = value; });
}

function showPatches(message, unit) {
  const key = `${message.layer?.value} ${unit.channel} ${unit.patches_version}`;
  const now = performance.now();
  $("patches-caption").textContent = unit.patches ? `${unit.patches} strongest patches so far` : "no patch yet";
  if (key === patchKey || now - patchTime < 1000 && patchKey) return;
  [patchKey, patchTime] = [key, now];
  patches.src = `v1/patches.jpg?${new URLSearchParams({ layer: message.layer?.value ?? "", unit: unit.channel, v: unit.patches_version })}`;
}

/** What the position under the pointer sees, drawn on the picture. */
map.addEventListener("pointermove", (event) => {
  const field = layer?.receptive_field;
  if (!field) return;
  const y = Math.floor(event.offsetY / map.clientHeight * layer.height), x = Math.floor(event.offsetX / map.clientWidth * layer.width);
  const [height, width] = [input[2], input[3]];
  const top = field.offset[0] + y * field.stride[0], left = field.offset[1] + x * field.stride[1];
  const [bottom, right] = [Math.min(height, top + field.size[0]), Math.min(width, left + field.size[1])];
  const [first, start] = [Math.max(0, top), Math.max(0, left)];
  picture.showField([start / width, first / height, (right - start) / width, (bottom - first) / height]);
});
map.addEventListener("pointerleave", () => picture.showField(null));

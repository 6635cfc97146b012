// Puts the parts together: what the server tells goes to them, what they want goes into the state, the state opens the stream.
import * as state from "./state.js";
import { Stream } from "./stream.js";
import * as picture from "./picture.js";
import { showBars } from "./bars.js";
import * as strip from "./strip.js";
import * as mosaic from "./mosaic.js";
import * as inspector from "./inspector.js";
import * as health from "./health.js";
import * as controls from "./controls.js";
import { addKey, listenToKeys } from "./keys.js";
import { saveSnapshot } from "./snapshot.js";
import { showNumbers } from "./numbers.js";

const $ = (id) => document.getElementById(id);
let model = null, layers = [], settings = {}, latest = null, isBusy = false, isChanging = false;

function status(kind, text) {
  if ($("status").textContent === text) return;
  $("status").dataset.kind = kind;
  $("status").textContent = text;
}

async function fetchJSON(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error((await response.json().catch(() => ({}))).error ?? `${path}: ${response.status}`);
  return response.json();
}

/** What does not change while a model is shown. */
async function load() {
  const [about, all, now] = await Promise.all([fetchJSON("v1/model"), fetchJSON("v1/layers"), fetchJSON("v1/state")]);
  [model, layers, settings] = [about, all.layers, now.settings];
  $("subject").textContent = $("subject").title = `${now.model} looks at ${now.source}`;
  document.title = `${now.model} · Fovea`;
  $("record").hidden = !model.may_record;
  choice("model", model.models, model.chosen_model);
  choice("camera", model.cameras, model.chosen_camera);
  controls.makeControls(model, layers, settings);
  strip.makeStrip(layers, (value) => state.set({ layer: value, unit: null }));
  health.clearHealth();
  apply();
}

function choice(id, names, current) {
  $(`${id}-label`).hidden = names.length < 2;
  controls.fill($(id), names.map((name) => [name, name]), current);
}

function layerValue() {
  const value = state.get("layer") ?? settings.layer;
  return value === "none" ? null : value;
}

/** The page follows the state. */
function apply() {
  const layer = layers.find((one) => one.value === layerValue());
  strip.markLayer(layer?.value);
  inspector.setLayer(layer, model.input);
  $("layer").value = layer?.value ?? "none";
  for (const id of ["saliency", "heat", "sort", "norm", "map", "tiles"]) if (state.get(id)) $(id).value = state.get(id);
  $("target").value = state.get("target") ?? "";
  $("layer-title").textContent = layer?.value ?? "Feature maps";
  $("layer-shape").textContent = layer ? `${layer.op}, ${layer.channels} × ${layer.height} × ${layer.width}` : "";
  $("filters-label").hidden = !layer?.has_filters;
  const showsFilters = Boolean(layer?.has_filters && $("filters").checked);
  $("filter-sheet").hidden = !showsFilters;
  if (showsFilters) $("filter-sheet").src = `v1/layers/${encodeURIComponent(layer.value)}/filters.jpg`;
  picture.shown.crop = state.get("crop") === "1";
  picture.shown.unit = state.get("over") === "1" && state.get("unit") !== null;
  picture.draw();
}

function watch() {
  const pixels = (id) => Math.round(Math.min(1920, Math.max(256, $(id).clientWidth * devicePixelRatio)));
  const wide = Math.ceil(pixels("picture-panel") / 160) * 160;
  stream.open(state.query({
    width: wide, mosaic_width: Math.ceil(pixels("maps-panel") / 128) * 128, health: $("health").open ? 1 : null,
    k: 5,
  }));
}

/** Shows messages one after the other; of those that come meanwhile only the newest, which may be the last for long. */
let waiting = null;
async function show(message, blobs) {
  // A message without a picture only tells the state.
  window.foveaLatest = latest = message.blobs.length || !latest ? message : { ...latest, ...message, blobs: latest.blobs };
  tell(message);
  follow(message);
  if (!message.blobs.length) return;
  waiting = [message, blobs];
  if (isBusy) return;
  isBusy = true;
  try {
    while (waiting) {
      const next = waiting;
      waiting = null;
      await paint(...next);
    }
  } finally {
    isBusy = false;
  }
}

async function paint(message, blobs) {
  if (message.top?.length) showBars(message);
  showAge(message.saliency, message.frame);
  strip.showGlow(message.glow);
  health.showHealth(message.health, layers);
  showNumbers(message);
  await Promise.all([
    picture.showPicture(blobs.get("picture"), message), mosaic.showMosaic(blobs.get("mosaic"), message.layer, message.unit?.channel),
    inspector.showUnit(message, blobs, state.get("explain") === "none" ? null : state.get("explain")),
  ]);
}

/** An explanation that takes longer than a frame lies over later pictures: how old it is, or that it is not there yet. */
function showAge(saliency, frame) {
  const behind = saliency ? frame - saliency.frame : 0;
  let text = "";
  if (behind > 0) text = `heat of ${behind} frames ago${saliency.age_s > 0 ? `, ${saliency.age_s.toFixed(1)} s` : ""}`;
  else if (saliency && saliency.peak === null) text = "no place stands out";
  else if (saliency === null && $("saliency").value !== "none" && $("notice").hidden) text = "the heat is being computed";
  if ($("heat-age").textContent !== text) $("heat-age").textContent = text;
}

const stream = new Stream(show, status);

const statusWords = {
  waiting: ["paused", "Waiting for the first picture"], streaming: ["live", "Live"], paused: ["paused", "Paused"],
  "no signal": ["bad", "No signal"], ended: ["paused", "The video has ended"],
};

function tell(message) {
  const outage = message.outage;
  const text = outage ? `No signal: ${outage.reason} (for ${Math.round(outage.since_s)} s)` : message.notice;
  $("notice").hidden = !text;
  if (text && $("notice").textContent !== text) $("notice").textContent = text;
  status(...statusWords[message.status]);
  $("pause").setAttribute("aria-pressed", message.paused);
  $("record").setAttribute("aria-pressed", message.recording);
}

async function control(wish) {
  const response = await fetch("v1/control", {
    method: "POST", headers: { "Content-Type": "application/json", "X-Fovea": "1" }, body: JSON.stringify(wish),
  });
  if (!response.ok) complain((await response.json().catch(() => ({}))).error ?? "The server refused.");
}

function complain(text) {
  $("notice").hidden = false;
  $("notice").textContent = text;
}

/** Another model or camera was chosen, here or in another browser. */
async function follow(message) {
  if (!model || isChanging) return;
  const isOther = message.chosen_model !== model.chosen_model;
  if (!isOther && message.chosen_camera === model.chosen_camera) return;
  isChanging = true;
  try {
    // Layers and classes of another network have other names.
    if (isOther) state.set({ layer: null, unit: null, target: null, pin: null, saliency_layer: null });
    await load();
    watch();
  } catch (error) {
    complain(error.message);
  } finally {
    isChanging = false;
  }
}

function move(distance) {
  const shown = layers.filter((one) => one.watchable);
  const at = shown.findIndex((one) => one.value === layerValue());
  const next = shown[Math.min(shown.length - 1, Math.max(0, at + distance))];
  if (next) state.set({ layer: next.value, unit: null });
}

function cycle(id) {
  const select = $(id);
  select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
  select.dispatchEvent(new Event("change"));
}

function theme() {
  const isLight = getComputedStyle(document.documentElement).colorScheme === "light";
  document.documentElement.dataset.theme = isLight ? "dark" : "light";
}

const actions = {
  pause: () => control({ pause: !latest?.paused }), step: () => control(latest?.paused ? { step: true } : { pause: true }),
  snapshot: () => saveSnapshot(picture.paintedMessage(), state, complain), record: () => control({ record: !latest?.recording }), theme,
  "help-button": () => $("help").showModal(),
};
for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", action);
for (const id of ["model", "camera"]) $(id).addEventListener("change", () => control({ [id]: $(id).value }));
$("health").addEventListener("toggle", watch);
$("filters").addEventListener("change", apply);
mosaic.onUnit((channel) => state.set({ unit: channel }));

const pick = (distance) => () => state.set({ unit: mosaic.neighbour(distance()) });
addKey(" ", "pause or go on", actions.pause);
addKey(".", "one frame", actions.step);
addKey("[", "the layer before", () => move(-1));
addKey("]", "the next layer", () => move(1));
addKey("ArrowLeft", "the unit before", pick(() => -1));
addKey("ArrowRight", "the next unit", pick(() => 1));
addKey("ArrowUp", "the unit above", pick(() => -mosaic.columns()));
addKey("ArrowDown", "the unit below", pick(() => mosaic.columns()));
addKey("o", "another order of the maps", () => cycle("sort"));
addKey("n", "another scale of the maps", () => cycle("norm"));
addKey("c", "other colours of the maps", () => cycle("map"));
addKey("m", "another method", () => cycle("saliency"));
addKey("w", "why the unit is excited", () => cycle("unit-method"));
addKey("u", "the unit's map on the picture", () => $("unit-over").click());
addKey("x", "what the network sees", () => $("crop").click());
addKey("h", "layer health", () => { $("health").open = !$("health").open; });
addKey("s", "save a snapshot", actions.snapshot);
addKey("r", "record", () => { if (model?.may_record) actions.record(); });
addKey("t", "dark or light", theme);
addKey("?", "these keys", actions["help-button"]);
addKey("Escape", "close the unit", () => state.set({ unit: null }));
listenToKeys();

controls.listen(() => model);
state.onChange((names) => {
  apply();
  if (names.some((name) => !["crop", "over"].includes(name))) watch();
});

async function start() {
  try {
    await load();
    watch();
  } catch (error) {
    status("bad", "The server does not answer. Trying again…");
    setTimeout(start, 1500);
  }
}
start();

// The selects, sliders and boxes: each shows one parameter of the state and changes it.
import * as state from "./state.js";
const $ = (id) => document.getElementById(id);

export function fill(select, entries, value) {
  select.replaceChildren(...entries.map(([key, text]) => new Option(text, key, false, key === value)));
}

export function makeControls(model, layers, settings) {
  fill($("saliency"), [["none", "none"], ...model.methods.map((one) => [one.name, one.is_live ? one.title : `${one.title} (slow)`])], state.get("saliency") ?? settings.saliency);
  fill($("heat"), ["turbo", "magma", "viridis", "gray"].map(same), state.get("heat") ?? "turbo");
  fill($("layer"), [["none", "none"], ...layers.filter((one) => one.watchable).map((one) => [one.value, `${one.index} ${one.value}`])], state.get("layer") ?? settings.layer);
  fill($("sort"), [["index", "by number"], ["strength", "by strength"], ["change", "by change"]], state.get("sort") ?? "index");
  fill($("norm"), [["channel", "each map"], ["layer", "whole layer"]], state.get("norm") ?? "channel");
  fill($("map"), ["viridis", "magma", "turbo", "gray"].map(same), state.get("map") ?? "viridis");
  fill($("tiles"), ["16", "36", "64", "144", "256", "1024"].map(same), state.get("tiles") ?? "64");
  fill($("unit-method"), [["none", "nothing"], ["deconvnet", "deconvnet"], ["guided-backprop", "guided backprop"]], state.get("explain") ?? "none");
  $("classes").replaceChildren(...model.classes.map((name) => new Option(name)));
  $("target").value = state.get("target") ?? "";
  $("opacity").value = state.get("opacity") ?? "0.5";
  $("gain").value = Math.log2(Number(state.get("gain") ?? 1));
  $("crop").checked = state.get("crop") === "1";
  $("unit-over").checked = state.get("over") === "1";
  $("pin").value = model.classes[Number(state.get("pin") ?? -1)] ?? "";
}

/** Listens once; the parts of the page are the same for every model. */
export function listen(model) {
  for (const id of ["saliency", "heat", "sort", "norm", "map", "tiles"]) $(id).addEventListener("change", () => state.set({ [id]: $(id).value }));
  $("layer").addEventListener("change", () => state.set({ layer: $("layer").value, unit: null }));
  $("opacity").addEventListener("change", () => state.set({ opacity: $("opacity").value }));
  $("gain").addEventListener("change", () => state.set({ gain: (2 ** Number($("gain").value)).toFixed(3) }));
  $("crop").addEventListener("change", () => state.set({ crop: $("crop").checked ? 1 : null }));
  $("unit-over").addEventListener("change", () => state.set({ over: $("unit-over").checked ? 1 : null }));
  $("unit-method").addEventListener("change", () => state.set({ explain: $("unit-method").value }));
  $("unit-close").addEventListener("click", () => state.set({ unit: null }));
  $("target").addEventListener("change", () => state.set({ target: $("target").value.trim() || null }));
  $("pin").addEventListener("change", () => {
    const index = model().classes.indexOf($("pin").value.trim());
    state.set({ pin: index >= 0 ? index : null });
  });
  // After a choice with the mouse the page's keys work again; after one with the keyboard the control keeps the focus.
  let isPointer = false;
  document.addEventListener("pointerdown", () => { isPointer = true; });
  document.addEventListener("keydown", () => { isPointer = false; });
  document.addEventListener("change", (event) => { if (isPointer && event.target.matches("select, [type=range], [type=checkbox]")) event.target.blur(); });
  for (const form of document.querySelectorAll("form:not([method])")) form.addEventListener("submit", (event) => event.preventDefault());
}

function same(word) { return [word, word]; }

// The network as a strip of blocks: as high as the maps are large, as wide as they are many, glowing with their mean activation.
import { place, room } from "./layout.js";
const root = document.getElementById("strip");
const info = document.getElementById("strip-info");
const svgName = "http://www.w3.org/2000/svg";
let blocks = [], layers = [];

export function makeStrip(all, choose) {
  layers = all;
  const plan = place(layers);
  // A small network fills a wide screen; a large one scrolls.
  const zoom = Math.min(1.7, Math.max(1, root.clientWidth / plan.width));
  const svg = make("svg", {
    width: plan.width * zoom, height: plan.height * zoom, viewBox: `0 0 ${plan.width} ${plan.height}`, role: "listbox", "aria-label": "Layers",
  });
  const links = svg.appendChild(make("g", {}));
  layers.forEach((layer, to) => layer.inputs.forEach((from) => links.append(link(plan, from, to))));
  blocks = layers.map((layer, index) => makeBlock(layer, plan.blocks[index], choose));
  svg.append(...blocks);
  root.replaceChildren(svg);
}

function makeBlock(layer, box, choose) {
  const block = make("g", { class: `block ${layer.kind}`, role: "option", tabindex: layer.watchable ? 0 : -1, "aria-label": describe(layer) });
  block.dataset.value = layer.value;
  block.append(make("rect", { ...box, rx: 2 }));
  block.addEventListener("click", () => { if (layer.watchable) choose(layer.value); });
  block.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && layer.watchable) choose(layer.value);
  });
  for (const name of ["pointerenter", "focus"]) block.addEventListener(name, () => { info.textContent = describe(layer); });
  return block;
}

/** A neighbour is reached by a short curve; what passes layers by goes over them. */
function link(plan, from, to) {
  const a = plan.blocks[from], b = plan.blocks[to], over = room / 2 - 4;
  const x1 = a.x + a.width, y1 = a.y + a.height / 2, x2 = b.x, y2 = b.y + b.height / 2, middle = (x1 + x2) / 2;
  const skips = plan.depth[to] - plan.depth[from] > 1;
  const d = skips
    ? `M${x1} ${a.y + 3}C${x1 + 8} ${over} ${x1 + 8} ${over} ${Math.min(middle, x1 + 24)} ${over}`
      + `L${Math.max(middle, x2 - 24)} ${over}C${x2 - 8} ${over} ${x2 - 8} ${over} ${x2} ${b.y + 3}`
    : `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
  return make("path", { class: skips ? "link skip" : "link", d });
}

export function describe(layer) {
  const field = layer.receptive_field;
  const parts = [`${layer.index} ${layer.value}`, layer.op, layer.shape.join(" × ")];
  if (layer.parameters) parts.push(`${count(layer.parameters)} parameters`);
  if (layer.multiply_adds) parts.push(`${count(layer.multiply_adds)} multiply-adds`);
  if (field) parts.push(field.stride[0] ? `sees ${field.size[0]} × ${field.size[1]} pixels` : "sees the whole picture");
  return parts.join("  ·  ");
}

export function markLayer(value) {
  for (const block of blocks) {
    const isCurrent = block.dataset.value === value;
    if (isCurrent === (block.getAttribute("aria-current") === "true")) continue;
    block.setAttribute("aria-current", isCurrent);
    if (isCurrent) {
      const layer = layers.find((one) => one.value === value);
      if (layer) info.textContent = describe(layer);
      const box = block.getBoundingClientRect(), frame = root.getBoundingClientRect();
      root.scrollBy({ left: box.left - frame.left - frame.width / 2 });
    }
  }
}

export function showGlow(glow) { glow?.forEach((value, index) => blocks[index]?.style.setProperty("--glow", value.toFixed(3))); }

export function count(number) {
  for (const [limit, unit] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) if (number >= limit) return `${(number / limit).toFixed(1)} ${unit}`;
  return String(number);
}

function make(name, attributes) {
  const element = document.createElementNS(svgName, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

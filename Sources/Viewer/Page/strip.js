// The network as a strip of blocks: as high as the maps are large, as wide as they are many, glowing with their mean activation.
const root = document.getElementById("strip");
const info = document.getElementById("strip-info");
const svgName = "http://www.w3.org/2000/svg";
let blocks = [], layers = [];

export function makeStrip(all, choose) {
  layers = all;
  const height = 118, base = height - 6;
  const svg = make("svg", { height, role: "listbox", "aria-label": "Layers" });
  const links = svg.appendChild(make("g", {}));
  let x = 4;
  const places = [];
  blocks = layers.map((layer) => {
    const width = 5 + Math.log2(1 + layer.channels) * 1.6;
    const tall = layer.height * layer.width > 1 ? 12 + Math.log2(Math.max(layer.height, layer.width)) * 7.5 : 12;
    places.push({ middle: x + width / 2, top: base - tall });
    const block = makeBlock(layer, x, base - tall, width, tall, choose);
    svg.append(block);
    x += width + 4;
    return block;
  });
  layers.forEach((layer) => layer.inputs.filter((from) => layer.index - from > 1).forEach((from) => links.append(link(places, from, layer.index))));
  svg.setAttribute("width", x + 4);
  root.replaceChildren(svg);
}

function makeBlock(layer, x, y, width, height, choose) {
  const block = make("g", { class: `block ${layer.kind}`, role: "option", tabindex: layer.watchable ? 0 : -1, "aria-label": describe(layer) });
  block.dataset.value = layer.value;
  block.append(make("rect", { x, y, width, height, rx: 2 }));
  block.addEventListener("click", () => { if (layer.watchable) choose(layer.value); });
  block.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && layer.watchable) choose(layer.value);
  });
  for (const name of ["pointerenter", "focus"]) block.addEventListener(name, () => { info.textContent = describe(layer); });
  return block;
}

/** A branch or a residual link: an arc over what it passes by. */
function link(places, from, to) {
  const [a, b] = [places[from], places[to]];
  const peak = Math.max(4, Math.min(a.top, b.top) - 6 - Math.min(26, (to - from) * 2));
  return make("path", { class: "link", d: `M${a.middle},${a.top} C${a.middle},${peak} ${b.middle},${peak} ${b.middle},${b.top}` });
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
      const box = block.getBBox();
      root.scrollTo({ left: box.x - root.clientWidth / 2 });
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

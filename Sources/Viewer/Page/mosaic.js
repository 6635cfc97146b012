// The feature maps of the layer: one picture from the server, tiles that can be clicked.
import { paint } from "./drawing.js";
const canvas = document.getElementById("mosaic");
const context = canvas.getContext("2d", { alpha: false });
const empty = document.getElementById("mosaic-empty");
const gap = 2;
let layout = null, selected = null;

export async function showMosaic(blob, next, unit) {
  selected = unit;
  empty.hidden = Boolean(blob);
  canvas.hidden = !blob;
  if (!blob) { layout = null; return; }
  const bitmap = await createImageBitmap(blob);
  paint(canvas, bitmap);
  bitmap.close();
  layout = next;
  Object.assign(canvas.dataset, { columns: next.columns, rows: next.rows, count: next.order.length, value: next.value });
  mark();
}

function mark() {
  const place = layout.order.indexOf(selected);
  if (place < 0) return;
  const [x, y, width, height] = tile(place);
  context.strokeStyle = "#ffc14d";
  context.lineWidth = 3;
  context.strokeRect(x + 1.5, y + 1.5, width - 3, height - 3);
}

function tile(index) {
  const [width, height] = layout.tile;
  return [(index % layout.columns) * (width + gap), Math.floor(index / layout.columns) * (height + gap), width, height];
}

/** The channel under a pointer; undefined between tiles. */
function channelAt(event) {
  if (!layout) return undefined;
  const scale = canvas.width / canvas.clientWidth;
  const column = Math.floor(event.offsetX * scale / (layout.tile[0] + gap));
  const row = Math.floor(event.offsetY * scale / (layout.tile[1] + gap));
  return layout.order[row * layout.columns + column];
}

export function onUnit(choose) {
  canvas.addEventListener("click", (event) => {
    const channel = channelAt(event);
    if (channel !== undefined) choose(channel);
  });
  canvas.addEventListener("pointermove", (event) => {
    const channel = channelAt(event);
    canvas.title = channel === undefined ? "" : `unit ${channel}`;
  });
}

/** The unit so many tiles further on. */
export function neighbour(distance) {
  // The first one, while the maps are still on their way.
  if (!layout) return 0;
  const place = layout.order.indexOf(selected);
  const next = Math.min(layout.order.length - 1, Math.max(0, place < 0 ? 0 : place + distance));
  return layout.order[next];
}

export function columns() { return layout?.columns ?? 1; }

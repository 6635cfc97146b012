// The picture, and what is drawn over it: the network's crop, a unit's map, a receptive field.
import { paint } from "./drawing.js";
const canvas = document.getElementById("picture");
const context = canvas.getContext("2d", { alpha: false });
let picture = null, unit = null, field = null, frame = null;
export const shown = { crop: false, unit: false };

export async function showPicture(blob, message) {
  const bitmap = await createImageBitmap(blob);
  picture?.close();
  picture = bitmap;
  frame = message;
  draw();
}

/** The message of the picture that is on the screen; null before the first. */
export function paintedMessage() { return frame; }

export function showUnit(bitmap) { unit = bitmap; }

/** A rectangle [x, y, width, height] of the network's input as parts of it, or null. */
export function showField(parts) { field = parts; draw(); }

export function draw() {
  if (!picture) return;
  paint(canvas, picture);
  if (!frame?.crop) return;
  const scale = picture.width / frame.resolution[0];
  const vertical = picture.height / frame.resolution[1];
  const { x, y, width, height } = frame.crop;
  const box = [x * scale, y * vertical, width * scale, height * vertical];
  if (shown.unit && unit) {
    context.globalAlpha = 0.75;
    context.drawImage(unit, ...box);
    context.globalAlpha = 1;
  }
  if (shown.crop) outline(box, "#ffffff", [6, 4]);
  if (field) outline([box[0] + field[0] * box[2], box[1] + field[1] * box[3], field[2] * box[2], field[3] * box[3]], "#ffc14d", []);
}

function outline(box, color, dash) {
  context.lineWidth = Math.max(2, canvas.width / 480);
  context.setLineDash(dash);
  context.strokeStyle = color;
  context.strokeRect(...box);
  context.setLineDash([]);
}

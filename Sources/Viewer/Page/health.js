// The state of every layer: filled while the panel is open.
import { drawHistogram } from "./drawing.js";
const body = document.getElementById("health-rows");
const rows = new Map();

export function showHealth(health, layers) {
  for (const state of health ?? []) {
    const row = rows.get(state.index) ?? makeRow(state, layers[state.index]);
    const cells = row.cells;
    cells[2].textContent = percent(state.zeros);
    cells[3].textContent = `${state.dead_units} of ${state.units}`;
    cells[4].textContent = percent(state.saturated);
    cells[5].textContent = number(state.mean);
    cells[6].textContent = number(state.variance);
    row.classList.toggle("dead", state.dead_units > 0);
    drawHistogram(cells[1].firstChild, state.histogram.counts);
  }
}

export function clearHealth() { rows.clear(); body.replaceChildren(); }

function makeRow(state, layer) {
  const row = body.insertRow();
  for (let index = 0; index < 7; index += 1) row.insertCell();
  row.cells[0].textContent = `${state.index} ${layer?.value ?? ""}`;
  const canvas = row.cells[1].appendChild(document.createElement("canvas"));
  [canvas.width, canvas.height] = [120, 20];
  rows.set(state.index, row);
  return row;
}

function percent(share) { return `${(share * 100).toFixed(1)} %`; }
function number(value) { return Math.abs(value) >= 1000 || (value !== 0 && Math.abs(value) < 0.01) ? value.toExponential(1) : value.toFixed(2); }

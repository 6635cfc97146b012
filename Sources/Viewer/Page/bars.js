// The top classes as bars, each with the last minute as a line.
const list = document.getElementById("bars");
const history = new Map();
const rows = [];
const span = 60_000;
let lastSample = 0;

export function showBars(message) {
  const scores = [...message.top];
  if (message.pin) scores.unshift({ ...message.pin, pinned: true });
  const now = performance.now();
  const samples = now - lastSample > 250;
  if (samples) lastSample = now;
  while (rows.length < scores.length) rows.push(makeRow());
  rows.forEach((row, index) => {
    const score = scores[index];
    row.item.hidden = !score;
    if (score) fill(row, score);
  });
  if (samples) {
    sample(message, now);
    scores.forEach((score, index) => sparkline(rows[index].line, history.get(score.label_id) ?? [], now));
  }
}

function makeRow() {
  const item = document.createElement("li");
  item.className = "bar";
  const label = item.appendChild(document.createElement("span"));
  label.className = "bar-label";
  const track = item.appendChild(document.createElement("div"));
  track.className = "bar-track";
  const part = track.appendChild(document.createElement("div"));
  part.className = "bar-fill";
  const value = item.appendChild(document.createElement("span"));
  value.className = "bar-value";
  const line = item.appendChild(document.createElement("canvas"));
  [line.width, line.height] = [180, 48];
  line.setAttribute("aria-hidden", "true");
  list.append(item);
  return { item, label, part, value, line };
}

function fill(row, score) {
  row.item.dataset.index = score.label_id;
  row.item.classList.toggle("pinned", Boolean(score.pinned));
  if (row.label.textContent !== score.label) row.label.textContent = row.label.title = score.label;
  row.part.style.transform = `scaleX(${Math.min(1, Math.max(0, score.confidence))})`;
  row.value.textContent = `${(score.confidence * 100).toFixed(1)} %`;
}

/** Classes that are not among the best this time count as 0. */
function sample(message, now) {
  const told = new Map([...message.top, ...(message.pin ? [message.pin] : [])].map((score) => [score.label_id, score.confidence]));
  for (const [index, confidence] of told) if (!history.has(index)) history.set(index, []);
  for (const [index, points] of history) {
    points.push([now, told.get(index) ?? 0]);
    while (points.length && now - points[0][0] > span) points.shift();
    if (!told.has(index) && points.every((point) => point[1] === 0)) history.delete(index);
  }
}

function sparkline(canvas, points, now) {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  context.strokeStyle = getComputedStyle(canvas).getPropertyValue("--bar");
  context.lineWidth = 2.5;
  context.beginPath();
  for (const [time, value] of points) context.lineTo(width - (now - time) / span * width, height - 3 - Math.min(1, value) * (height - 6));
  context.stroke();
}

// Rates, times and drops, in a quiet corner.
const list = document.getElementById("numbers");
const cells = new Map();

export function showNumbers(message) {
  const { fps, timing = {}, drops } = message;
  show("camera", `${(fps.in ?? 0).toFixed(1)} /s`);
  show("network", `${(fps.analysed ?? 0).toFixed(1)} /s`);
  show("shown", `${(fps.sent ?? 0).toFixed(1)} /s`);
  for (const [name, span] of [
    ["capture", "capture"], ["waiting", "queue"], ["to input", "preprocess"], ["inference", "inference"],
    ["explanation", "saliency"], ["encoding", "encode"], ["sending", "send"],
  ]) show(name, `${(timing[span] ?? 0).toFixed(1)} ms`);
  show("latency", `${message.latency_ms.toFixed(0)} ms`);
  show("dropped", `${drops.capture ?? 0} by the camera, ${drops.analyse ?? 0} by the network, ${drops.publish ?? 0} unsent`);
}

function show(name, text) {
  let cell = cells.get(name);
  if (!cell) {
    const pair = list.appendChild(document.createElement("div"));
    pair.append(Object.assign(document.createElement("dt"), { textContent: name }));
    cell = pair.appendChild(document.createElement("dd"));
    cells.set(name, cell);
  }
  if (cell.textContent !== text) cell.textContent = text;
}

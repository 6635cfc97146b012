// Rates, times and drops, in a quiet corner.
const list = document.getElementById("numbers");
const cells = new Map();

export function showNumbers(message) {
  const { fps, stages_ms: stages, drops } = message;
  show("camera", `${(fps.in ?? 0).toFixed(1)} /s`);
  show("network", `${(fps.analysed ?? 0).toFixed(1)} /s`);
  show("shown", `${(fps.sent ?? 0).toFixed(1)} /s`);
  show("to input", `${(stages.preprocess ?? 0).toFixed(1)} ms`);
  show("inference", `${(stages.inference ?? 0).toFixed(1)} ms`);
  show("explanation", `${(stages.saliency ?? 0).toFixed(1)} ms`);
  show("encoding", `${(stages.encode ?? 0).toFixed(1)} ms`);
  show("latency", `${message.latency_ms.toFixed(0)} ms`);
  show("dropped", `${(drops.analyse ?? 0) + (drops.driver ?? 0)}`);
}

function show(name, text) {
  let cell = cells.get(name);
  if (!cell) {
    list.append(Object.assign(document.createElement("dt"), { textContent: name }));
    cell = list.appendChild(document.createElement("dd"));
    cells.set(name, cell);
  }
  if (cell.textContent !== text) cell.textContent = text;
}

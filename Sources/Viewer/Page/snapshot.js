// Saves what is on the screen: the picture as PNG, its message as JSON, and that frame's numbers as NumPy's archive from the server.

/** `message` is that of the picture on the screen; `complain` is told what could not be saved. */
export async function saveSnapshot(message, state, complain) {
  if (!message) return complain("There is no picture yet.");
  const hasFrame = message.frame !== undefined;
  const name = hasFrame ? `fovea-${String(message.frame).padStart(6, "0")}` : "fovea-no-signal";
  const canvas = document.getElementById("picture");
  const png = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  save(png, `${name}.png`);
  save(new Blob([JSON.stringify(message, null, 2)], { type: "application/json" }), `${name}.json`);
  if (!hasFrame) return;
  const response = await fetch(`snapshot.npz?${state.query({ frame: message.frame })}`);
  if (response.ok) return save(await response.blob(), `${name}.npz`);
  complain((await response.json().catch(() => ({}))).error ?? "The server did not give the numbers of this frame.");
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

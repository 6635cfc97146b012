// Saves what is on the screen: the picture as PNG, the message as JSON, and the numbers as NumPy's archive from the server.
export async function saveSnapshot(message, state) {
  if (!message) return;
  const name = `fovea-${String(message.frame).padStart(6, "0")}`;
  const canvas = document.getElementById("picture");
  const png = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  save(png, `${name}.png`);
  save(new Blob([JSON.stringify(message, null, 2)], { type: "application/json" }), `${name}.json`);
  const response = await fetch(`/snapshot.npz?${state.query({})}`);
  if (response.ok) save(await response.blob(), `${name}.npz`);
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

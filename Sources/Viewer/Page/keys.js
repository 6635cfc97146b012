// The keyboard: one table makes both the keys and their help.
const table = [];

export function addKey(key, text, action) { table.push({ key, text, action }); }

export function listenToKeys() {
  const list = document.getElementById("keys");
  for (const { key, text } of table) {
    const name = document.createElement("dt");
    name.append(Object.assign(document.createElement("kbd"), { textContent: key === " " ? "space" : key }));
    list.append(name, Object.assign(document.createElement("dd"), { textContent: text }));
  }
  document.addEventListener("keydown", (event) => {
    // An open dialog has the keyboard to itself.
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    // What is typed into a field is text, and a select has keys of its own.
    if (event.target.closest("input:not([type=checkbox]):not([type=range]), select, textarea") && event.key !== "Escape") return;
    // A button that has just gone with its dialog may have the focus until the next picture is drawn.
    if (event.key === " " && event.target.closest("button, summary")?.offsetParent) return;
    const found = table.find(({ key }) => key === event.key);
    if (!found) return;
    event.preventDefault();
    found.action();
  });
}

// All cameras as tiles, and the events with their explanations.
const $ = (id) => document.getElementById(id);
const tiles = new Map();
let shown = [], open = null, isLoading = false;

async function ask(path, options) {
  const response = await fetch(path, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `${path}: ${response.status}`);
  return answer;
}

function status(kind, text) {
  if ($("status").textContent === text) return;
  $("status").dataset.kind = kind;
  $("status").textContent = text;
}

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** A picture that is asked for again when the one before has come, twice a second at most. */
class Picture {
  constructor(image, path) {
    [this.image, this.path, this.isWanted] = [image, path, true];
    this.next();
  }
  next() {
    if (!this.isWanted) return;
    if (document.hidden) return void setTimeout(() => this.next(), 500);
    const started = performance.now();
    const again = (pause) => setTimeout(() => this.next(), Math.max(pause, 500 - (performance.now() - started)));
    fetch(`${this.path}?width=640`).then(async (response) => {
      if (!response.ok) return again(2000);
      const before = this.image.src;
      this.image.src = URL.createObjectURL(await response.blob());
      if (before) URL.revokeObjectURL(before);
      again(0);
    }).catch(() => again(2000));
  }
}

function makeTile(camera) {
  const image = element("img", { alt: `The picture of ${camera.name}` });
  const parts = {
    problem: element("p", { className: "problem", hidden: true }), name: element("b", { textContent: camera.name }),
    state: element("span", { className: "dim" }), says: element("p", { className: "says dim" }),
    badge: element("span", { className: "badge", hidden: true }),
  };
  const frame = element("div", { className: "frame" }, image, parts.problem);
  const link = element("a", { className: "tile", href: `cameras/${encodeURIComponent(camera.name)}/` }, frame,
    element("div", { className: "title" }, parts.name, parts.badge, parts.state), parts.says);
  parts.picture = new Picture(image, `cameras/${encodeURIComponent(camera.name)}/snapshot.jpg`);
  return { link, parts };
}

function showTile({ link, parts }, camera) {
  parts.problem.hidden = !camera.problem;
  parts.problem.textContent = camera.problem ?? "";
  parts.state.textContent = camera.problem ? camera.status : `${camera.width ?? "?"}×${camera.height ?? "?"}`;
  parts.says.textContent = camera.label ? `${camera.label} ${(100 * camera.confidence).toFixed(0)} %` : "";
  parts.badge.hidden = camera.rules.length === 0;
  parts.badge.textContent = camera.rules.join(", ");
  link.dataset.event = camera.rules.length > 0;
}

async function refreshCameras() {
  const { cameras } = await ask("v1/cameras");
  const names = new Set(cameras.map((camera) => camera.name));
  for (const [name, tile] of tiles) {
    if (names.has(name)) continue;
    tile.parts.picture.isWanted = false;
    tile.link.remove();
    tiles.delete(name);
  }
  for (const camera of cameras) {
    if (!tiles.has(camera.name)) {
      tiles.set(camera.name, makeTile(camera));
      $("tiles").append(tiles.get(camera.name).link);
    }
    showTile(tiles.get(camera.name), camera);
  }
  fill($("event-camera"), [...names]);
  const troubled = cameras.filter((camera) => camera.problem).length;
  $("subject").textContent = cameras.length === 1 ? "1 camera" : `${cameras.length} cameras`;
  if (troubled) status("bad", `${troubled} without a picture`); else status("live", "all live");
}

/** Keeps the choice while the list of choices grows. */
function fill(select, names) {
  const have = new Set([...select.options].map((option) => option.value));
  for (const name of names.sort()) if (!have.has(name)) select.append(element("option", { value: name, textContent: name }));
}

const when = (seconds) => new Date(seconds * 1000).toLocaleString();

function query(before) {
  const wanted = new URLSearchParams({ limit: 24 });
  if ($("event-camera").value) wanted.set("camera", $("event-camera").value);
  if ($("event-rule").value) wanted.set("rule", $("event-rule").value);
  if ($("event-class").value.trim()) wanted.set("class", $("event-class").value.trim());
  if ($("event-protected").checked) wanted.set("protected", "true");
  if (before) wanted.set("before", before);
  return wanted;
}

function eventItem(event) {
  const lasted = event.ended ? `${Math.max(0, event.ended - event.started).toFixed(0)} s` : "now";
  const button = element("button", { title: event.cause },
    element("img", { src: `v1/events/${event.id}/heat.jpg`, alt: "", loading: "lazy" }),
    element("b", { textContent: `${event.label} ${(100 * event.confidence).toFixed(0)} %` }),
    element("span", { className: "dim", textContent: `${event.camera} · ${event.rule} · ${when(event.started)} · ${lasted}` }));
  button.onclick = () => showEvent(event);
  return element("li", {}, button);
}

async function refreshEvents(more = false) {
  if (isLoading) return;
  isLoading = true;
  try {
    const { events } = await ask(`v1/events?${query(more ? shown.at(-1)?.id : null)}`);
    const same = !more && JSON.stringify(events) === JSON.stringify(shown.slice(0, events.length)) && events.length > 0;
    $("no-events").hidden = more || events.length > 0;
    if (same) return;
    shown = more ? [...shown, ...events] : events;
    if (more) $("events").append(...events.map(eventItem)); else $("events").replaceChildren(...events.map(eventItem));
    $("more").hidden = events.length < 24;
    fill($("event-rule"), [...new Set(events.map((event) => event.rule))]);
  } finally { isLoading = false; }
}

function showEvent(event) {
  open = event;
  $("event-title").textContent = `${event.label} · ${event.camera} · ${when(event.started)}`;
  $("event-cause").textContent = `Rule ${event.rule}: ${event.cause}. Seen by ${event.model}.`;
  $("clip").hidden = !event.clip;
  $("clip-missing").hidden = !!event.clip;
  $("clip-missing").textContent = event.ended ? "There is no clip of it yet, or none was recorded." : "The event lasts: its clip follows.";
  if (event.clip) $("clip").src = `v1/events/${event.id}/clip`;
  $("download").hidden = !event.clip;
  $("download").href = `v1/events/${event.id}/clip`;
  $("event-snapshot").src = `v1/events/${event.id}/snapshot.jpg`;
  $("event-heat").src = `v1/events/${event.id}/heat.jpg`;
  $("heat-caption").textContent = event.method ? `Where the network looked: ${event.method} of ${event.target}` : "Without a heat map";
  $("units").hidden = event.units.length === 0;
  $("units").tBodies[0].replaceChildren(...event.units.map((unit) => element("tr", {},
    ...[unit.layer, unit.unit, unit.activation.toFixed(2), `${unit.deviation.toFixed(1)} σ`].map((text) => element("td", { textContent: text })))));
  $("protect").checked = event.protected;
  $("event").showModal();
}

const change = (method, body) => ask(`v1/events/${open.id}`, {
  method, headers: { "Content-Type": "application/json", "X-Fovea": "1" }, body: body && JSON.stringify(body),
});

$("protect").onchange = () => change("POST", { protected: $("protect").checked }).then(() => refreshEvents()).catch((error) => status("bad", error.message));
$("delete").onclick = () => change("DELETE").then(() => { $("event").close(); return refreshEvents(); }).catch((error) => status("bad", error.message));
$("event").addEventListener("close", () => { $("clip").removeAttribute("src"); $("clip").load(); });
$("more").onclick = () => refreshEvents(true);
for (const id of ["event-camera", "event-rule", "event-class", "event-protected"]) $(id).addEventListener("input", () => refreshEvents());

async function tick() {
  if (!document.hidden) {
    try {
      await refreshCameras();
      if (shown.length <= 24) await refreshEvents();
    } catch (error) { status("bad", error.message); }
  }
  setTimeout(tick, 1000);
}
tick();

// What this viewer looks at: the query of the page's address, under the names of the watch parameters, so that a link shows
// a colleague the same. What is not in it is the server's default.
const listeners = [];
const values = new URLSearchParams(location.search);
// The page's own, which the server does not know.
const own = ["crop", "over"];

export function get(name) { return values.get(name); }

/** Changes several at once; null removes one. Listeners hear of it once. */
export function set(changes) {
  let changed = false;
  for (const [name, value] of Object.entries(changes)) {
    const text = value === null || value === undefined || value === "" ? null : String(value);
    if (values.get(name) === text) continue;
    changed = true;
    if (text === null) values.delete(name); else values.set(name, text);
  }
  if (!changed) return;
  const query = values.toString();
  history.replaceState(null, "", query ? `?${query}` : location.pathname);
  for (const listener of listeners) listener(Object.keys(changes));
}

export function onChange(listener) { listeners.push(listener); }

/** The query of a request to the server, with what only the page knows about its own size. */
export function query(extra) {
  const result = new URLSearchParams();
  for (const [name, value] of values) if (!own.includes(name)) result.set(name, value);
  for (const [name, value] of Object.entries(extra)) if (value !== null && !result.has(name)) result.set(name, value);
  return result.toString();
}

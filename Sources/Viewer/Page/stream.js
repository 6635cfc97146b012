// The live stream: messages of a length, JSON, and the pictures that the JSON lists. Only the newest complete one is shown.
const decoder = new TextDecoder();

/** Opens streams one after the other: `open(query)` ends the one before. Connections that break are made again. */
export class Stream {
  constructor(onMessage, onState) {
    this.onMessage = onMessage;
    this.onState = onState;
    this.attempt = 0;
    this.newest = null;
  }

  open(query) {
    this.query = query;
    this.controller?.abort();
    clearTimeout(this.timer);
    this.controller = new AbortController();
    this.run(this.controller);
  }

  async run(controller) {
    try {
      const response = await fetch(`v1/watch?${this.query}`, { signal: controller.signal });
      if (!response.ok) {
        const answer = await response.json().catch(() => ({}));
        this.onState("bad", answer.error ?? `The server answers ${response.status}.`);
        // A wrong link stays wrong; an overloaded server does not.
        if (response.status < 500 && response.status !== 404) return;
        throw new Error("refused");
      }
      await this.read(response.body.getReader(), controller);
      throw new Error("ended");
    } catch (error) {
      if (controller.signal.aborted) return;
      this.attempt += 1;
      this.onState("bad", "The server does not answer. Trying again…");
      this.timer = setTimeout(() => this.open(this.query), Math.min(5000, 300 * 2 ** Math.min(this.attempt, 5)));
    }
  }

  /** Each connection has a parser of its own: what is left of an older one must not disturb it. */
  async read(reader, controller) {
    const parser = new Parser();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || controller.signal.aborted) return;
      for (const message of parser.take(value)) this.offer(message);
    }
  }

  offer(message) {
    this.attempt = 0;
    if (!message.json.blobs.length) { this.onMessage(message.json, new Map()); return; }
    const isWaiting = this.newest !== null;
    // Surveys come seldom: one in a message that is passed over goes to the next.
    if (isWaiting) for (const key of ["glow", "health"]) message.json[key] ??= this.newest.json[key];
    this.newest = message;
    if (!isWaiting) requestAnimationFrame(() => {
      const shown = this.newest;
      this.newest = null;
      this.onMessage(shown.json, blobs(shown));
    });
  }
}

/** Puts parts together until a message is whole; parts are joined only then, so that large ones cost no more than they must. */
class Parser {
  parts = [];
  size = 0;
  needed = 4;

  take(part) {
    this.parts.push(part);
    this.size += part.length;
    const messages = [];
    if (this.size < this.needed) return messages;
    const bytes = join(this.parts, this.size);
    let message = parse(bytes, 0), start = 0;
    while (message.json) {
      messages.push(message);
      start = message.end;
      message = parse(bytes, start);
    }
    const rest = bytes.subarray(start);
    [this.parts, this.size, this.needed] = [rest.length ? [rest] : [], rest.length, message.end - start];
    return messages;
  }
}

function join(parts, size) {
  if (parts.length === 1) return parts[0];
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) { bytes.set(part, at); at += part.length; }
  return bytes;
}

/** The message that begins at `start`; `json` is missing while it is not whole, `end` then is a lower bound. */
function parse(bytes, start) {
  if (bytes.length < start + 4) return { end: start + 4 };
  const length = new DataView(bytes.buffer, bytes.byteOffset + start, 4).getUint32(0);
  const body = start + 4 + length;
  if (bytes.length < body) return { end: body };
  const json = JSON.parse(decoder.decode(bytes.subarray(start + 4, body)));
  const end = json.blobs.reduce((sum, blob) => sum + blob.bytes, body);
  return bytes.length < end ? { end } : { json, bytes, body, end };
}

function blobs({ json, bytes, body }) {
  const result = new Map();
  let at = body;
  for (const blob of json.blobs) {
    result.set(blob.name, new Blob([bytes.subarray(at, at + blob.bytes)], { type: blob.type }));
    at += blob.bytes;
  }
  return result;
}

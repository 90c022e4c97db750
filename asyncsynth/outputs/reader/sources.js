// Where the page's data comes from. Both sources answer the same questions; nothing else knows which one it is.

/** A survey that stands in the page itself; marks are kept by the browser until they are downloaded. */
class EmbeddedSource {
  constructor(element) {
    this.live = false;
    this._survey = JSON.parse(element.textContent);
    this._place = `asyncsynth marks of ${this._survey.directory}`;
  }

  async runs() {
    return [];
  }

  async survey() {
    return this._survey;
  }

  async page() {
    return { samples: [], next: null };
  }

  async marks() {
    try {
      return JSON.parse(localStorage.getItem(this._place) ?? "[]");
    } catch {
      return []; // a browser that keeps nothing for files
    }
  }

  async mark(run, entry, all) {
    try {
      localStorage.setItem(this._place, JSON.stringify(all));
    } catch {
      // the same: they are there until the page is closed
    }
  }

  async watch() {}
}

/** The service that sent the page. Its token is in the address behind #, where no log sees it. */
class ServiceSource {
  constructor() {
    this.live = true;
    const asked = new URLSearchParams(location.hash.slice(1));
    const given = asked.get("token");
    if (given) {
      sessionStorage.setItem("token", given);
      asked.delete("token");
      history.replaceState(null, "", asked.size ? `#${asked}` : location.pathname + location.search);
    }
    this._token = sessionStorage.getItem("token") ?? "";
  }

  async runs() {
    return (await this._get("api/runs")).runs;
  }

  async run(run) {
    return this._get(`api/runs/${encodeURIComponent(run)}`);
  }

  async survey(run) {
    return this._get(`api/runs/${encodeURIComponent(run)}/survey?samples=200`);
  }

  async page(run, { after, limit, where, failures }) {
    const of = failures ? "failures" : "records";
    const asked = new URLSearchParams({ of, after: String(after), limit: String(limit) });
    for (const [axis, value] of where) asked.append("where", `${axis}:${value}`);
    return this._get(`api/runs/${encodeURIComponent(run)}/samples?${asked}`);
  }

  async marks(run) {
    return (await this._get(`api/runs/${encodeURIComponent(run)}/marks`)).marks;
  }

  async mark(run, entry) {
    await this._post(`api/runs/${encodeURIComponent(run)}/marks`, entry);
  }

  /** Asks a run to do something: "drain", "resume" or "limits". */
  async change(run, what, body = {}) {
    await this._post(`api/runs/${encodeURIComponent(run)}/${what}`, body);
  }

  /** Calls `onRun` with each state of a run that the service sends. Where the service goes away it waits for it. */
  async watch(run, onRun, onTrouble) {
    let [last, pause] = ["", 1000];
    for (;;) {
      try {
        const headers = last ? { ...this._headers(), "Last-Event-ID": last } : this._headers();
        const response = await fetch(`api/runs/${encodeURIComponent(run)}/events`, { headers });
        if (!response.ok) throw new Error(await said(response));
        onTrouble("");
        pause = 1000;
        for await (const event of eventsOf(response.body)) {
          last = event.id || last;
          if (event.data) onRun(JSON.parse(event.data));
          if (event.event === "end") pause = 10_000; // somebody may start it again
        }
      } catch (error) {
        onTrouble(error instanceof TypeError ? "The service does not answer; this page waits for it." : error.message);
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 1.5, 10_000);
    }
  }

  async _post(path, body) {
    const headers = { ...this._headers(), "Content-Type": "application/json" };
    const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(await said(response));
  }

  async _get(path) {
    const response = await fetch(path, { headers: this._headers() });
    if (!response.ok) throw new Error(await said(response));
    return response.json();
  }

  _headers() {
    return this._token ? { Authorization: `Bearer ${this._token}` } : {};
  }
}

async function said(response) {
  if (response.status === 401) return "This page belongs to another service: open the address that asyncsynth serve printed.";
  try {
    const told = await response.json();
    // A hint about a wrong request is meant for whoever writes programs.
    return told.hint && response.status !== 400 ? `${told.error} (${told.hint})` : told.error;
  } catch {
    return `The service answered with status ${response.status}.`;
  }
}

/** Server-sent events of a body: {id, event, data}. */
async function* eventsOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    buffer += value.replaceAll("\r\n", "\n");
    let end;
    while ((end = buffer.indexOf("\n\n")) >= 0) {
      const event = { id: "", event: "", data: "" };
      for (const line of buffer.slice(0, end).split("\n")) {
        const at = line.indexOf(":");
        if (at > 0) event[line.slice(0, at)] = line.slice(at + 1).trimStart();
      }
      buffer = buffer.slice(end + 2);
      yield event;
    }
  }
}

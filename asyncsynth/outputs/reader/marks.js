// What somebody thinks of samples: by key {mark: "pass" | "fail" | null, note}. The same lines as in marks.jsonl.

class Marks {
  constructor(source, run) {
    this._source = source;
    this._run = run;
    this._marks = new Map();
    this._listeners = [];
    this.trouble = "";
  }

  async load() {
    this.take(await this._source.marks(this._run));
  }

  of(key) {
    return this._marks.get(key) ?? { mark: null, note: "" };
  }

  get count() {
    const count = { pass: 0, fail: 0, notes: 0 };
    for (const { mark, note } of this._marks.values()) {
      if (mark) count[mark]++;
      if (note) count.notes++;
    }
    return count;
  }

  set(key, change) {
    const entry = { ...this.of(key), ...change };
    if (entry.mark || entry.note || this._source.live) this._marks.set(key, entry);
    else this._marks.delete(key);
    this._keep({ key, ...entry });
    this._tell(key);
  }

  /** Marks that were made elsewhere; of two of one key the later one counts. */
  take(entries) {
    for (const { key, mark, note } of entries) this._marks.set(key, { mark: mark ?? null, note: note ?? "" });
    this._tell(null);
  }

  entries() {
    return [...this._marks].map(([key, { mark, note }]) => ({ key, mark, note })).filter(({ mark, note }) => mark || note);
  }

  lines() {
    return this.entries().map((entry) => `${JSON.stringify(entry)}\n`).join("");
  }

  /** Calls with the key that changed, or with null for all. */
  listen(listener) {
    this._listeners.push(listener);
  }

  _tell(key) {
    for (const listener of this._listeners) listener(key);
  }

  async _keep(entry) {
    try {
      await this._source.mark(this._run, entry, this.entries());
      this.trouble = "";
    } catch (error) {
      this.trouble = `This mark is not kept: ${error.message}`;
      this._tell(null);
    }
  }
}

/** The entries of a marks.jsonl; an error names the line that is none. */
function parsedMarks(text) {
  const entries = [];
  text.split("\n").forEach((line, at) => {
    if (!line.trim()) return;
    let entry = null;
    try {
      entry = JSON.parse(line);
    } catch {
      // told below
    }
    if (typeof entry?.key !== "string" || ![undefined, null, "pass", "fail"].includes(entry.mark)) {
      throw new Error(`line ${at + 1} is no mark`);
    }
    entries.push(entry);
  });
  return entries;
}

/** The line below the search: how many marks there are, and how they get out and in. */
function marksBar(source, marks) {
  const told = el("span", { role: "status" });
  const hint = el("code", {});
  const download = el(
    "button",
    {
      type: "button",
      onclick: () => {
        const address = URL.createObjectURL(new Blob([marks.lines()], { type: "application/jsonl" }));
        el("a", { href: address, download: "marks.jsonl" }).click();
        setTimeout(() => URL.revokeObjectURL(address), 10_000);
      },
    },
    "Download marks.jsonl",
  );
  const file = el("input", {
    type: "file",
    accept: ".jsonl,.json,.txt",
    class: "unseen",
    tabindex: "-1",
    "aria-label": "A file of marks",
    onchange: async () => {
      try {
        const entries = parsedMarks(await file.files[0].text());
        for (const { key, mark, note } of entries) marks.set(key, { mark: mark ?? null, note: note ?? "" });
        announce(`${many(entries.length, "mark")} loaded`);
      } catch (error) {
        told.textContent = `${file.files[0]?.name}: ${error.message}`;
      }
      file.value = "";
    },
  });
  const load = el("button", { type: "button", class: "quiet", onclick: () => file.click() }, "Load marks");
  const show = () => {
    const { pass, fail, notes } = marks.count;
    const some = pass + fail + notes > 0;
    told.textContent = marks.trouble || (some ? `${pass} pass, ${fail} fail${notes ? `, ${many(notes, "note")}` : ""}` : "Nothing is marked yet.");
    hint.textContent = "asyncsynth drop --marks marks.jsonl";
    download.hidden = !some;
    hint.hidden = !fail || source.live;
  };
  marks.listen(show);
  show();
  return el("div", { class: "marks" }, told, download, load, file, hint);
}

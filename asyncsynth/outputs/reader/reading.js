// The samples: what is filtered and searched, in which order, and the keys that move through them.

const AT_ONCE = 20; // cards that are drawn at a time

/** What the samples are filtered by; everything that shows or changes it listens. */
class Filter {
  constructor() {
    this.values = new Map();
    this.text = "";
    this.regex = false;
    this.kind = "all";
    this.mark = "all";
    this.reason = "";
    this.key = "";
    this._listeners = [];
  }

  value(axis) {
    return this.values.get(axis);
  }

  /** These values alone; where they are so already, none. */
  toggle(values) {
    const entries = Object.entries(values);
    const there = entries.length === this.values.size && entries.every(([axis, value]) => this.values.get(axis) === value);
    this.set({ values: new Map(there ? [] : entries), key: "" });
  }

  without(axis) {
    const values = new Map(this.values);
    values.delete(axis);
    this.set({ values });
  }

  set(change) {
    Object.assign(this, change);
    for (const { listener } of this._listeners) listener();
  }

  /** Calls the listener after each change; `group` names those that are forgotten together. */
  listen(listener, group = "page") {
    this._listeners.push({ listener, group });
  }

  forget(group) {
    this._listeners = this._listeners.filter((each) => each.group !== group);
  }

  /** What the search finds, as a global expression; null where nothing is searched for. Throws for a bad expression. */
  finder() {
    if (!this.text) return null;
    return new RegExp(this.regex ? this.text : this.text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+"), this.regex ? "gu" : "giu");
  }

  /** Whether a sample is wanted. */
  takes(sample, marks, finder) {
    if (this.key && sample.key !== this.key) return false;
    if (this.kind === "failure" && sample.kind !== "failure") return false;
    if (this.kind === "doubtful" && !sample.doubts.length) return false;
    if (this.kind === "fine" && (sample.kind !== "record" || sample.doubts.length)) return false;
    if (this.reason && sample.reason !== this.reason) return false;
    const { mark } = marks.of(sample.key);
    if (this.mark !== "all" && (mark ?? "none") !== this.mark) return false;
    for (const [axis, value] of this.values) if (shownAt(sample.combination, axis) !== value) return false;
    return !finder || textsOf(sample).some((text) => text.search(finder) >= 0);
  }
}

function textsOf(sample) {
  const texts = (value) => (typeof value === "string" ? [value] : value !== null && typeof value === "object" ? Object.values(value).flatMap(texts) : []);
  return [...sample.fields.flatMap(([, value]) => texts(value)), ...sample.steps.flatMap((step) => texts(step)), sample.message ?? "", sample.request ?? "", sample.system ?? ""];
}

/** The samples of a run in the page. `more` fetches further ones, where the source has them. */
class Reading {
  constructor(place, source, filter, marks, more) {
    this._filter = filter;
    this._marks = marks;
    this._more = more;
    this._samples = [];
    this._total = 0;
    this._ordered = true; // until some come later
    this._shown = [];
    this._cards = [];
    this._current = -1;
    this._finder = null;
    this._list = el("div", { class: "cards" });
    this._status = el("p", { class: "hint", role: "status" });
    this._trouble = el("p", { class: "trouble", role: "alert" });
    this._further = el("button", { type: "button", class: "further", onclick: () => this._goOn() });
    this._bar = toolbar(filter);
    const tools = el("div", { class: "tools" }, el("h2", { id: "samples-title" }, "Samples"), this._bar, this._trouble, marksBar(source, marks));
    replace(place, tools, this._status, this._list, this._further);
    // Cards stop below the tools when they are moved to.
    new ResizeObserver(() => place.style.setProperty("--tools", `${tools.offsetHeight}px`)).observe(tools);
    this._place = place;
    this._tools = tools;
    this._live = source.live;
    filter.listen(() => this.show());
    marks.listen((key) => this._showMarks(key));
    document.addEventListener("keydown", (event) => this._key(event));
  }

  /** Samples that come in place of those that were there; `total`: how many the run has. */
  take(samples, total) {
    [this._samples, this._total, this._ordered] = [samples, total, true];
    this.show();
  }

  /** Samples that come behind those that are there; known ones are left out. */
  add(samples, total = this._total) {
    this._total = total;
    const identity = (sample) => `${sample.kind} ${sample.key} ${sample.repeat} ${JSON.stringify(sample.combination)}`;
    const known = new Set(this._samples.map(identity));
    const come = samples.filter((sample) => !known.has(identity(sample)));
    this._samples = [...this._samples, ...come];
    this._ordered &&= !come.length;
    this._shown.push(...come.filter((sample) => this._filter.takes(sample, this._marks, this._finder)));
    if (this._cards.length < AT_ONCE) this._draw(AT_ONCE - this._cards.length);
    this._tell();
  }

  show() {
    this._trouble.textContent = "";
    try {
      this._finder = this._filter.finder();
    } catch (error) {
      this._trouble.textContent = `This is not a regular expression: ${error.message}`;
      return;
    }
    this._shown = this._samples.filter((sample) => this._filter.takes(sample, this._marks, this._finder));
    this._list.replaceChildren();
    this._cards = [];
    this._current = -1;
    this._draw(AT_ONCE);
    this._place.scrollTop = 0;
  }

  _draw(most) {
    const context = { filter: this._filter, marks: this._marks, finder: this._finder, current: (place) => this._mark(place) };
    for (const sample of this._shown.slice(this._cards.length, this._cards.length + most)) {
      const made = card(sample, this._cards.length, context);
      this._cards.push(made);
      this._list.append(made);
    }
    this._tell();
  }

  _tell() {
    const [all, shown, drawn] = [this._samples.length, this._shown.length, this._cards.length];
    this._status.textContent = all === 0 ? "There is no sample to read yet." : shown === all ? `${this._here()}${this._ordered ? inOrder(this._samples) : ""}.` : `${number(shown)} of ${this._here()}.`;
    const rest = shown - drawn;
    this._tools.hidden = all === 0 && !this._live;
    this._further.hidden = !rest && (all >= this._total || !this._more.has());
    this._further.textContent = rest ? `Show ${number(Math.min(rest, AT_ONCE))} more` : "Read on in the file";
  }

  _here() {
    const all = this._samples.length;
    return all < this._total ? `${many(all, "sample")}, of ${number(this._total)} in the run` : many(all, "sample");
  }

  async _goOn() {
    if (this._cards.length < this._shown.length) {
      this._draw(AT_ONCE);
      return;
    }
    this._further.disabled = true;
    try {
      this.add(await this._more.next());
      this._draw(AT_ONCE);
    } catch (error) {
      this._trouble.textContent = error.message;
    }
    this._further.disabled = false;
    this._tell();
  }

  _mark(place) {
    if (this._current === place) return;
    this._cards[this._current]?.classList.remove("current");
    this._current = place;
    this._cards[place]?.classList.add("current");
  }

  _move(by) {
    const next = Math.max(0, this._current + by);
    if (next >= this._cards.length && this._cards.length < this._shown.length) this._draw(AT_ONCE);
    if (next >= this._cards.length) return;
    this._mark(next);
    const made = this._cards[next];
    made.focus({ preventScroll: true });
    made.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  _key(event) {
    const typing = event.target.closest?.("input, textarea, select");
    if (event.key === "Escape" && typing) event.target.blur();
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const sample = this._shown[this._current];
    const acts = {
      j: () => this._move(1),
      k: () => this._move(-1),
      p: () => sample && toggleMark(this._marks, sample, "pass"),
      f: () => sample && toggleMark(this._marks, sample, "fail"),
      n: () => this._cards[this._current]?.querySelector(".note").focus(),
      "/": () => this._bar.querySelector("input[type=search]").focus(),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }

  _showMarks(key) {
    this._shown.slice(0, this._cards.length).forEach((sample, at) => {
      if (key === null || sample.key === key) this._cards[at].querySelector(".mark-row").show();
    });
  }
}

/** In which order samples stand, where they are of several kinds. */
function inOrder(samples) {
  const failed = samples.some((sample) => sample.kind === "failure");
  const doubtful = samples.some((sample) => sample.doubts.length);
  const others = samples.some((sample) => sample.kind === "record" && !sample.doubts.length);
  const kinds = [failed && "dead letters", doubtful && "the doubtful", others && "the others"].filter(Boolean);
  return kinds.length > 1 ? `: ${kinds[0]} first, then ${kinds.slice(1).join(", then ")}` : "";
}

/** What is searched for and filtered by. */
function toolbar(filter) {
  let waiting;
  const search = el("input", {
    type: "search",
    placeholder: "Search all texts",
    "aria-label": "Search all texts",
    oninput: () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => filter.set({ text: search.value, key: "" }), 150);
    },
  });
  const regex = el("input", { type: "checkbox", onchange: () => filter.set({ regex: regex.checked }) });
  const choice = (label, name, options) => {
    const select = el("select", { "aria-label": label, onchange: () => filter.set({ [name]: select.value }) }, options.map(([value, shown]) => el("option", { value }, shown)));
    return select;
  };
  const kind = choice("Which samples", "kind", [["all", "all samples"], ["failure", "dead letters"], ["doubtful", "doubtful"], ["fine", "no doubt"]]);
  const mark = choice("Which marks", "mark", [["all", "marked or not"], ["none", "not marked"], ["pass", "passed"], ["fail", "failed"]]);
  const chips = el("div", { class: "chips" });
  const show = () => {
    if (document.activeElement !== search) search.value = filter.text;
    [regex.checked, kind.value, mark.value] = [filter.regex, filter.kind, filter.mark];
    const chip = (name, off) => el("button", { type: "button", class: "chip on", "aria-label": `No longer only ${name}`, onclick: off }, el("span", { dir: "auto" }, name), " ×");
    replace(
      chips,
      [...filter.values].map(([axis, value]) => chip(`${axis} = ${value}`, () => filter.without(axis))),
      filter.reason ? chip(filter.reason, () => filter.set({ reason: "" })) : null,
      filter.key ? chip(filter.key.slice(0, 8), () => filter.set({ key: "" })) : null,
    );
  };
  filter.listen(show);
  show();
  const keys = [["j k", "move"], ["p", "pass"], ["f", "fail"], ["n", "note"], ["/", "search"]];
  return el(
    "div",
    { class: "toolbar", role: "search" },
    search,
    el("label", { class: "check" }, regex, "regular expression"),
    kind,
    mark,
    chips,
    el("p", { class: "keys" }, keys.map(([key, what]) => el("span", {}, el("kbd", {}, key), ` ${what}`))),
  );
}

// What a run does right now, and what can be asked of it: only where a service tells of it.

/** The line of a run at work. `show` takes each state that the service sends, `trouble` what is wrong with the service. */
class LiveLine {
  constructor(source, run) {
    [this._source, this._run] = [source, run];
    this._progress = el("div", { class: "now" });
    this._acts = el("div", { class: "acts" });
    this._limits = this._limitsForm();
    this._said = el("p", { class: "hint", role: "status" });
    this._trouble = el("p", { class: "trouble", role: "alert" });
    this.node = el("div", { class: "live", hidden: !source.live }, this._progress, this._acts, this._said, this._trouble);
    this._able = "";
  }

  show(run) {
    replace(this._progress, liveParts(run));
    const next = run.working ? "drain" : run.ended === "complete" ? "" : "resume";
    const able = run.ours && run.state !== "starting" ? next : "";
    if (able === this._able) return; // so that the focus stays on a button
    this._able = able;
    replace(
      this._acts,
      {
        drain: () => [this._act("drain", "Finish the calls under way and stop", "Nothing new is sent; the answers to the calls under way are kept."), this._limits],
        resume: () => [this._act("resume", "Go on", "The run goes on."), this._limits],
      }[able]?.(),
    );
  }

  trouble(text) {
    if (this._trouble.textContent !== text) this._trouble.textContent = text;
  }

  _act(what, name, done) {
    return el("button", { type: "button", onclick: () => this._ask(what, {}, done) }, name);
  }

  /** What is left empty stays as it is. */
  _limitsForm() {
    const whole = { min: "1", step: "1" };
    const limits = [
      ["concurrency", "calls at once", whole],
      ["requests_per_minute", "requests a minute", whole],
      ["tokens_per_minute", "tokens a minute", whole],
      ["max_cost_usd", "USD in all", { min: "0", step: "any" }],
    ];
    const fields = limits.map(([name, what, bounds]) => el("label", {}, what, el("input", { type: "number", placeholder: "as it is", name, ...bounds })));
    const send = async (event) => {
      event.preventDefault();
      const form = event.target;
      const given = [...new FormData(form)].filter(([, value]) => value !== "");
      if (!given.length) return;
      const body = Object.fromEntries(given.map(([name, value]) => [name, Number(value)]));
      const told = limits.filter(([name]) => name in body).map(([name, what]) => `${body[name].toLocaleString("en")} ${what}`);
      const when = this._able === "drain" ? "finishes the calls under way and goes on" : "will go on";
      if (await this._ask("limits", body, `The run ${when} with ${told.join(", ")}.`)) form.reset();
    };
    return el("details", {}, el("summary", {}, "Limits"), el("form", { onsubmit: send }, fields, el("button", { type: "submit" }, "Change limits")));
  }

  /** Whether the service did it; `done` says so to people. */
  async _ask(what, body, done) {
    this._said.textContent = "";
    try {
      await this._source.change(this._run, what, body);
      this.trouble("");
      this._said.textContent = done;
      return true;
    } catch (error) {
      this.trouble(error.message);
      return false;
    }
  }
}

/** How the last run came to its end. */
function endOf(run) {
  if (!run.ended) return "No run is at work.";
  if (run.ended === "complete") return "The run is complete.";
  return `No run is at work; the last one ${run.ended === "failed" ? "failed" : `was ${run.ended}`}.`;
}

function liveParts(run) {
  const progress = run.progress;
  const message = run.message ? el("p", { class: "hint", dir: "auto" }, run.message, run.hint ? ` (${run.hint})` : "") : null;
  if (run.state === "starting") return [el("p", {}, "The run is starting."), message];
  if (!run.working || !progress) return [el("p", {}, run.working ? "A run is at work." : endOf(run)), message];
  const total = progress.total ?? run.wanted;
  const known = (value, told) => (value === null || value === undefined ? null : told(value));
  const some = (value, what) => (value ? `${number(value)} ${what}` : null);
  const told = [
    `${number(progress.done)}${total ? ` of ${number(total)}` : ""}`,
    progress.samples_per_s ? rateOf(progress.samples_per_s) : null,
    known(progress.left_s, (left) => `about ${roughly(left)} left`),
    `${money(progress.cost_usd)}${known(progress.cap_usd, (cap) => ` of ${money(cap)}`) ?? ""}`,
    known(progress.requests_used, (used) => `${percent(used)} of the requests a minute`),
    known(progress.tokens_used, (used) => `${percent(used)} of the tokens a minute`),
    known(progress.in_flight, (calls) => `${number(calls)}${progress.concurrency ? ` of ${number(progress.concurrency)}` : ""} calls under way`),
    some(progress.retries, "tried again"),
    progress.failed ? many(progress.failed, "dead letter") : null,
    some(progress.truncated, "cut off"),
    known(progress.near_duplicates, (alike) => `${percent(alike)} of the newest alike`),
  ];
  const waiting = progress.waiting_for ? el("p", { class: "hint", dir: "auto" }, `Waiting: ${progress.waiting_for}`) : null;
  return [
    total ? el("progress", { max: total, value: progress.done, "aria-label": "Samples that are there" }) : null,
    el("p", {}, told.filter(Boolean).join(" · ")),
    waiting,
    message,
  ];
}

// One sample as a card: its facts, its texts, and what somebody thinks of it.

const CLIPPED = 1800; // characters of a text that are shown before it is unfolded
const MESSAGE_CLIPPED = 400; // of what went wrong

/** The text with everything that `finder` (a global RegExp or null) finds in it marked. */
function found(text, finder) {
  if (!finder) return [text];
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(finder)) {
    if (!match[0] || parts.length > 400) continue;
    parts.push(text.slice(at, match.index), el("mark", {}, match[0]));
    at = match.index + match[0].length;
  }
  parts.push(text.slice(at));
  return parts;
}

function textBlock(name, text, finder, more = {}) {
  const body = el("div", { class: "text", dir: "auto" });
  const whole = text.length <= CLIPPED * 1.2;
  replace(body, found(whole ? text : `${text.slice(0, CLIPPED)}…`, finder));
  const unfold = whole
    ? null
    : el(
        "button",
        {
          type: "button",
          class: "quiet",
          onclick: (event) => {
            replace(body, found(text, finder));
            event.target.remove();
          },
        },
        `Show all ${number(text.length)} characters`,
      );
  return el("div", { class: `field ${more.class ?? ""}` }, el("h4", {}, name), text ? body : el("p", { class: "hint" }, "empty"), unfold);
}

/** What went wrong; of a long one, such as what a judge wrote, the head, unless something is searched for. */
function messageOf(text, finder) {
  if (finder || text.length <= MESSAGE_CLIPPED * 1.2) return found(text, finder);
  const whole = el("span", {}, clipped(text, MESSAGE_CLIPPED));
  const unfold = (event) => {
    replace(whole, text);
    event.target.remove();
  };
  return [whole, " ", el("button", { type: "button", class: "quiet", onclick: unfold }, "Show all")];
}

function fieldBlock([name, value], finder) {
  const strong = ["completion", "chosen", "answer", "rejected answer"].includes(name) ? "answer" : "";
  if (typeof value === "string") return textBlock(name, value, finder, { class: strong });
  if (name === "messages" && Array.isArray(value)) {
    return value.map(({ role, content }) => textBlock(role, String(content ?? ""), finder, { class: role === "assistant" ? "answer" : "" }));
  }
  return textBlock(name, JSON.stringify(value, null, 1) ?? "", finder);
}

/** `rejected`: the answer is no good, and so the sample was given up on. */
function stepBlock(step, finder, rejected) {
  const { reason, ...grades } = step.scores ?? {};
  const scores = Object.entries(grades).map(([line, score]) => el("span", { class: "chip" }, `${line}: ${score}`));
  const told = [rejected ? "rejected" : null, step.take ? `answer ${step.take + 1}` : null, step.model, step.finish_reason === "stop" ? null : step.finish_reason, step.cost_usd === undefined ? null : money(step.cost_usd)];
  return el(
    "details",
    { class: "step" },
    el("summary", {}, step.name, " ", scores, el("small", {}, ` ${told.filter(Boolean).join(", ")}`)),
    reason ? textBlock("reason", String(reason), finder) : null,
    step.system ? textBlock("system", step.system, finder) : null,
    step.request ? textBlock("request", step.request, finder) : null,
    typeof step.text === "string" ? textBlock("text", step.text, finder) : null,
  );
}

function factsBlock(sample) {
  const facts = Object.entries({ key: sample.key, repeat: sample.repeat, ...sample.facts }).filter(([, value]) => value !== null && value !== undefined && value.length !== 0);
  const flat = facts.flatMap(([name, value]) =>
    value !== null && typeof value === "object" && !Array.isArray(value) ? Object.entries(value).map(([inner, each]) => [`${name}.${inner}`, each]) : [[name, Array.isArray(value) ? value.join(", ") : value]],
  );
  return el("details", {}, el("summary", {}, "Facts"), el("dl", { class: "facts" }, flat.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", { dir: "auto" }, String(value))))));
}

/** A card; `place` is its number among those that are shown. */
function card(sample, place, { filter, marks, finder, current }) {
  const title = `card-${place}`;
  const badges = sample.kind === "failure" ? [el("span", { class: "badge bad" }, sample.reason)] : sample.doubts.map((doubt) => el("span", { class: "badge look" }, doubt));
  const chips = pathsOf(sample.combination).map((path) => {
    const value = shownAt(sample.combination, path);
    return el("button", { type: "button", class: "chip", title: `Only ${path} = ${value}`, onclick: () => filter.toggle({ [path]: value }) }, el("span", { class: "of" }, path), " ", el("span", { dir: "auto" }, value));
  });
  const failed = sample.kind === "failure" ? el("p", { class: "message", dir: "auto" }, messageOf(sample.message ?? "", finder), el("small", {}, ` ${many(sample.attempts ?? 0, "attempt")}${sample.status ? `, status ${sample.status}` : ""}`)) : null;
  const node = el(
    "article",
    { class: `card ${sample.kind}`, tabindex: "-1", "aria-labelledby": title, onfocusin: () => current(place), onpointerdown: () => current(place) },
    el("header", {}, el("h3", { id: title }, `${sample.kind === "failure" ? "Dead letter" : "Sample"} ${number(place + 1)}`), el("code", {}, sample.key.slice(0, 8)), badges),
    el("div", { class: "chips" }, chips),
    failed,
    sample.fields.map((field) => fieldBlock(field, finder)),
    sample.request === null ? null : el("details", {}, el("summary", {}, "Request"), sample.system === null ? null : textBlock("system", sample.system, finder), textBlock("request", sample.request, finder)),
    sample.steps.length ? el("details", { class: "trace" }, el("summary", {}, many(sample.steps.length, "step")), sample.steps.map((step) => stepBlock(step, finder, sample.step === step.name))) : null,
    factsBlock(sample),
    markRow(sample, place, marks),
  );
  return node;
}

function markRow(sample, place, marks) {
  const button = (mark, name) =>
    el("button", { type: "button", class: `mark ${mark}`, "data-mark": mark, onclick: () => toggleMark(marks, sample, mark) }, name);
  const note = el("input", {
    type: "text",
    class: "note",
    placeholder: "A note",
    "aria-label": `A note on sample ${place + 1}`,
    onchange: () => marks.set(sample.key, { note: note.value.trim() }),
  });
  const row = el("div", { class: "mark-row" }, button("pass", "Pass"), button("fail", "Fail"), note);
  row.show = () => {
    const { mark, note: said } = marks.of(sample.key);
    for (const each of row.querySelectorAll("button")) each.setAttribute("aria-pressed", String(each.dataset.mark === mark));
    if (document.activeElement !== note) note.value = said;
  };
  row.show();
  return row;
}

function toggleMark(marks, sample, mark) {
  const now = marks.of(sample.key).mark === mark ? null : mark;
  marks.set(sample.key, { mark: now });
  announce(now ? `marked as ${now}` : "mark taken back");
}

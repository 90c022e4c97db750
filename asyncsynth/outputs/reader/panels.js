// The panels beside the samples: each is there only where it has something to show.

const RARE = 0.01; // a share of answers that is nothing to look at
const MESSAGE = 160; // characters of an example
const FEW = 5; // answers: fewer make no histogram

/** `live`: what a service adds: {choice: of runs or null, line: of the run at work, again: a button}; null in a report. */
function headOf(survey, live) {
  const { verdict, progress } = survey;
  return [
    el("div", { class: "title" }, live?.choice ?? el("h1", { dir: "auto" }, survey.directory), live?.choice ? el("h1", { class: "unseen" }, survey.directory) : null),
    el("p", { class: `verdict ${verdict.state}` }, el("span", { class: "state", "aria-hidden": "true" }), verdict.text),
    live?.line,
    verdict.why.length ? el("ul", { class: "why" }, verdict.why.map((why) => el("li", { dir: "auto" }, why))) : null,
    live && progress.working ? null : el("p", { class: "next" }, el("span", {}, "Next"), el("code", {}, verdict.next), copied(verdict.next, "Copy the next command")),
    figures(survey),
    live ? el("p", { class: "hint" }, `Figures of ${moment(survey.made_at)} `, live.again) : survey.notes.map((note) => el("p", { class: "hint" }, note)),
  ];
}

function figures(survey) {
  const { progress, money: paid, lengths, alike } = survey;
  const entries = [
    ["Records", compact(progress.records), progress.wanted === null ? null : `of ${compact(progress.wanted)}`],
    ["Dead letters", compact(progress.failures), progress.failures ? share(progress.failures, progress.records + progress.failures) : null],
    ["Paid", money(paid.paid_usd), paid.cap_usd === null ? null : `of ${money(paid.cap_usd)}`],
    ["Tokens", compact(paid.prompt_tokens + paid.completion_tokens), paid.completion_tokens ? `(${rounded(paid.completion_tokens)} out)` : null],
    ["Cut off", lengths ? compact(lengths.truncated) : "0", lengths?.truncated ? share(lengths.truncated, progress.records) : null],
    ["Near-duplicates", alike ? percent(alike.share) : "–", alike ? `of ${compact(alike.texts)}` : null],
  ];
  return el("dl", { class: "figures" }, entries.map(([name, figure, beside]) => el("div", {}, el("dt", {}, name), el("dd", {}, figure, beside ? el("small", {}, ` ${beside}`) : null))));
}

function panelsOf(survey, filter, open) {
  return [
    failuresPanel(survey, filter),
    coveragePanel(survey, filter),
    funnelPanel(survey),
    scoresPanel(survey),
    openingsPanel(survey, filter),
    alikePanel(survey, open),
    lengthsPanel(survey),
    costPanel(survey),
  ].filter(Boolean);
}

function failuresPanel(survey, filter) {
  if (!survey.failures.length && !survey.flags.length) return null;
  const place = el("div", { class: "stack" });
  const draw = () =>
    replace(
      place,
      survey.failures.length ? el("p", { class: "hint" }, "Samples that were given up on, by the reason. Choose one to read only those.") : null,
      bars(
        survey.failures.map(({ reason, times: count, message }) => ({
          name: reason,
          count,
          kind: "bad",
          title: message,
          pressed: filter.reason === reason,
          onclick: () => filter.set({ reason: filter.reason === reason ? "" : reason }),
        })),
      ),
      survey.failures.slice(0, 3).map(({ reason, message }) => (message ? el("p", { class: "hint example", dir: "auto" }, `${reason}: ${clipped(message, MESSAGE)}`) : null)),
      survey.flags.length ? el("h3", {}, "Flagged") : null,
      survey.flags.length ? bars(survey.flags.map(({ name, times }) => ({ name, count: times }))) : null,
    );
  draw();
  filter.listen(draw, "panels");
  return panel(survey.failures.length ? "Dead letters" : "Flagged answers", place);
}

function funnelPanel(survey) {
  if (!survey.progress.records && !survey.progress.failures) return null;
  const most = Math.max(...survey.funnel.map((stage) => stage.samples));
  const entries = survey.funnel.map(({ name, samples: count, kind }) => ({
    name: kind === "lost" ? `− ${name}` : name,
    count,
    kind: kind === "lost" ? "bad" : "",
    told: kind === "lost" ? `−${number(count)}` : number(count),
  }));
  const rows = survey.steps.map(({ step, answers, taken, rejected, given_up: lost }) => [
    step,
    number(answers),
    number(taken),
    rejected.map(({ name, times }) => `${number(times)} ${name}`).join(", ") || "–",
    number(lost),
  ]);
  const steps = rows.length ? table("What became of the answers of each step", ["step", "#answers", "#taken", "rejected by", "#dead letters"], rows) : null;
  return panel("From the recipe to the records", bars(entries, most), steps);
}

function scoresPanel(survey) {
  if (!survey.scores.length) return null;
  return panel(
    "Scores",
    survey.scores.map(({ step, line, counts, mean }) =>
      el("div", {}, el("h3", {}, `${line} `, el("small", {}, `${step}, mean ${mean.toFixed(1)}`)), bars(Object.entries(counts).reverse().map(([name, count]) => ({ name, count })))),
    ),
  );
}

function openingsPanel(survey, filter) {
  const { texts, top } = survey.openings;
  if (texts < 2) return null;
  if (!top.length) return panel("First words", el("p", {}, `No two of ${many(texts, "answer")} begin with the same three words.`));
  if (top[0].times < RARE * texts) {
    return panel("First words", el("p", { dir: "auto" }, `At most ${many(top[0].times, "answer")} of ${number(texts)} begin with the same three words (“${top[0].name}”).`));
  }
  const entries = top.filter((each) => each.times >= (RARE / 2) * texts).map(({ name, times: count }) => ({
    name,
    count,
    told: `${number(count)} · ${share(count, texts)}`,
    onclick: () => filter.set({ text: name, regex: false }),
  }));
  return panel("First words", el("p", { class: "hint" }, "Choose one to search for it."), bars(entries, texts > 3 * top[0].times ? top[0].times * 1.5 : texts));
}

function lengthsPanel(survey) {
  const { lengths, progress } = survey;
  if (!lengths) return null;
  const cut = lengths.truncated ? ` ${many(lengths.truncated, "answer")} (${share(lengths.truncated, progress.records)}) stopped at max_tokens.` : "";
  return panel(
    "Lengths",
    el("p", {}, lengths.shortest === lengths.longest ? `${many(lengths.longest, "word")}.${cut}` : `${number(lengths.shortest)} to ${number(lengths.longest)} words, half of the answers up to ${number(lengths.median)}.${cut}`),
    progress.records < FEW || lengths.shortest === lengths.longest ? null : histogram(lengths.bins, "words", lengths.median, lengths.longest),
  );
}

function costPanel(survey) {
  const { costs, runs, money: paid } = survey;
  if (!runs.length) return null;
  const named = costs.some((cost) => cost.step);
  const rows = costs.map((cost) => [
    ...(named ? [cost.step] : []),
    cost.model,
    number(cost.answers),
    compact(cost.prompt_tokens),
    compact(cost.completion_tokens),
    money(cost.cost_usd),
    `${(cost.seconds / Math.max(1, cost.answers)).toFixed(1)} s`,
  ]);
  const further = [
    [paid.rejected_calls, "paid, no usable answer", money(paid.rejected_usd)],
    [paid.dropped_calls, "paid, dropped since", money(paid.dropped_usd)],
    [paid.uncertain_calls, "may have been billed", paid.uncertain_usd === null ? "price unknown" : `at most ${money(paid.uncertain_usd)}`],
  ].filter(([calls]) => calls);
  return panel(
    "Cost",
    el("p", {}, `${many(paid.calls, "call")} over ${many(runs.length, "run")}: ${money(paid.paid_usd)}.`),
    further.length ? el("ul", {}, further.map(([calls, what, cost]) => el("li", {}, `${many(calls, "call")} ${what}: ${cost}`))) : null,
    costs.length ? el("h3", {}, "What the answers in the records cost") : null,
    costs.length ? table("What the answers in the records cost", [...(named ? ["step"] : []), "model", "#records", "#tokens in", "#out", "#cost", "#mean time"], rows) : null,
    el(
      "details",
      {},
      el("summary", {}, "Runs"),
      table("Runs", ["#run", "began", "end", "#calls", "#cost"], runs.map((run) => [String(run.id), moment(run.began), run.ended ?? "cut off, or at work", number(run.calls), money(run.cost_usd)])),
    ),
  );
}

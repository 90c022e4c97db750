// What a run does right now: only where a service tells of it.

function liveLine() {
  const node = el("div", { class: "live", hidden: true });
  return { node, show: (run) => replace(node, run ? liveParts(run) : []) || (node.hidden = !run?.working) };
}

function liveParts(run) {
  const progress = run.progress;
  if (!progress) return [el("p", {}, run.working ? "A run is at work." : `Not at work: ${run.ended ?? run.state ?? "no run yet"}.`)];
  const total = progress.total ?? run.wanted;
  const limit = (name, used) => (used === null || used === undefined ? null : `${name} ${percent(used)}`);
  const told = [
    `${number(progress.done)}${total ? ` of ${number(total)}` : ""}`,
    progress.samples_per_s === null ? null : `${progress.samples_per_s.toFixed(1)} a second`,
    progress.left_s === null ? null : `${duration(progress.left_s)} left`,
    `${money(progress.cost_usd)}${progress.cap_usd === null ? "" : ` of ${money(progress.cap_usd)}`}`,
    limit("requests", progress.requests_used),
    limit("tokens", progress.tokens_used),
    progress.in_flight === null ? null : `${number(progress.in_flight)} under way`,
    progress.retries ? `${number(progress.retries)} retries` : null,
    progress.failed ? `${number(progress.failed)} failed` : null,
    progress.truncated ? `${number(progress.truncated)} cut off` : null,
    progress.near_duplicates === null ? null : `${percent(progress.near_duplicates)} alike`,
    progress.waiting_for || null,
  ];
  return [
    total ? el("progress", { max: total, value: progress.done, "aria-label": "Samples that are there" }) : null,
    el("p", {}, told.filter(Boolean).join(" · ")),
  ];
}

// Puts the page together: one run at a time, from whichever source there is.

/** Further records of a run, behind those that the survey chose; those that the filter's values allow. */
class Further {
  constructor(source, run, filter) {
    [this._source, this._run, this._filter] = [source, run, filter];
    this._asked = null;
    this._after = 0;
  }

  has() {
    return this._source.live && (this._asked !== this._where() || this._after !== null);
  }

  async next() {
    if (this._asked !== this._where()) [this._asked, this._after] = [this._where(), 0];
    if (this._after === null) return [];
    const failures = this._filter.kind === "failure";
    const page = await this._source.page(this._run, { after: this._after, limit: 50, where: [...this._filter.values], failures });
    this._after = page.next;
    return page.samples;
  }

  _where() {
    return JSON.stringify([[...this._filter.values], this._filter.kind === "failure"]);
  }
}

async function showRun(source, run, runsChoice) {
  const [head, panels, place] = ["head", "panels", "samples"].map((id) => document.getElementById(id));
  const filter = new Filter();
  const marks = new Marks(source, run);
  const reading = new Reading(place, source, filter, marks, new Further(source, run, filter));
  const live = new LiveLine(source, run);
  const open = (key) => {
    filter.set({ values: new Map(), text: "", kind: "all", mark: "all", reason: "", key });
    place.focus();
  };
  let shown = 0;
  /** The survey of now; samples that are being read stay where they are. */
  const show = async (take) => {
    const survey = await source.survey(run);
    shown = survey.progress.records + survey.progress.failures;
    document.title = `${survey.directory}: asyncsynth`;
    const again = el("button", { type: "button", class: "quiet", onclick: () => show(true).catch((error) => live.trouble(error.message)) }, "Look again");
    replace(head, headOf(survey, source.live ? { choice: runsChoice, line: live.node, again } : null));
    const made = el("p", { class: "hint made" }, `${survey.made_by}, ${moment(survey.made_at)}`);
    const folded = new Map([...panels.querySelectorAll("details.panel")].map((each) => [each.id, each.open]));
    filter.forget("panels");
    replace(panels, panelsOf(survey, filter, open), made);
    for (const each of panels.querySelectorAll("details.panel")) each.open = folded.get(each.id) ?? each.open;
    if (take) reading.take(survey.samples, shown);
    else reading.add(survey.samples, shown);
  };
  await show(true);
  await marks.load();
  // On a narrow screen the samples are below the panels.
  filter.listen(() => {
    if (matchMedia("(max-width: 1099px)").matches && document.activeElement?.closest("#panels")) place.scrollIntoView();
  });
  return { live, show, shown: () => shown };
}

async function main() {
  const element = document.getElementById("survey");
  if (element) {
    await showRun(new EmbeddedSource(element), null, null);
    return;
  }
  await serveRuns(new ServiceSource());
}

async function serveRuns(source) {
  const runs = await source.runs();
  const asked = new URLSearchParams(location.hash.slice(1)).get("run");
  const run = runs.find((each) => each.id === asked) ?? runs.find((each) => each.working) ?? runs[0];
  if (!run) {
    replace(document.getElementById("head"), el("h1", {}, "asyncsynth"), el("p", {}, "There is no run yet."));
    return;
  }
  const choice = el(
    "select",
    {
      "aria-label": "Run to show",
      onchange: () => {
        location.hash = `run=${choice.value}`;
        location.reload();
      },
    },
    runs.map((each) => el("option", { value: each.id, selected: each.id === run.id }, each.directory)),
  );
  const { live, show, shown } = await showRun(source, run.id, runs.length > 1 ? choice : null);
  live.show(run);
  let [working, looking, told] = [run.working, false, 0];
  const onRun = async (state) => {
    const turn = ++told;
    // Events have no texts, such as why a run ended.
    const whole = state.working ? state : await source.run(run.id).catch(() => state);
    if (turn === told) live.show(whole);
    // Looked at anew when there is twice as much, and at the end: a look at a large run takes seconds of the machine.
    const due = (working && !state.working) || state.records + state.failures >= 2 * Math.max(shown(), 5);
    working = state.working;
    if (!due || looking) return;
    looking = true;
    await show(false).catch((error) => live.trouble(error.message));
    looking = false;
  };
  source.watch(run.id, onRun, (trouble) => live.trouble(trouble));
}

function failed(error) {
  replace(document.getElementById("head"), el("h1", {}, "asyncsynth"), el("p", { class: "trouble", role: "alert" }, error.message));
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => main().catch(failed));
else main().catch(failed);

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

/** Which of the runs is shown; `node` is null where there is no other one. */
class RunChoice {
  constructor(source, run) {
    [this._source, this._run] = [source, run];
    const chosen = () => {
      location.hash = `run=${this._select.value}`;
      location.reload();
    };
    this._select = el("select", { "aria-label": "Run to show", onchange: chosen });
    this.node = null;
  }

  async refresh() {
    const runs = await this._source.runs();
    if (document.activeElement === this._select) return; // somebody is choosing
    replace(this._select, runs.map((each) => el("option", { value: each.id, selected: each.id === this._run }, each.directory)));
    this.node = runs.length > 1 ? this._select : null;
  }
}

async function showRun(source, run) {
  const [head, panels, place] = ["head", "panels", "samples"].map((id) => document.getElementById(id));
  const filter = new Filter();
  const marks = new Marks(source, run);
  const reading = new Reading(place, source, filter, marks, new Further(source, run, filter));
  const live = new LiveLine(source, run);
  const choice = new RunChoice(source, run);
  const open = (key) => {
    filter.set({ values: new Map(), text: "", kind: "all", mark: "all", reason: "", key });
    place.focus();
  };
  let shown = 0;
  /** The survey of now; samples that are being read stay where they are. */
  const show = async (take) => {
    const [survey] = await Promise.all([source.survey(run), choice.refresh()]);
    shown = survey.progress.records + survey.progress.failures;
    document.title = `${survey.directory}: asyncsynth`;
    const again = el("button", { type: "button", class: "quiet", onclick: () => show(true).catch((error) => live.trouble(error.message)) }, "Look again");
    replace(head, headOf(survey, source.live ? { choice: choice.node, line: live.node, again } : null));
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
    await showRun(new EmbeddedSource(element), null);
    return;
  }
  await serveRuns(new ServiceSource());
}

/** The runs, once there is one. */
async function someRuns(source) {
  for (;;) {
    const runs = await source.runs();
    if (runs.length) return runs;
    const told = "There is no run below this folder yet. It is shown here as soon as it begins.";
    replace(document.getElementById("head"), el("h1", {}, "asyncsynth"), el("p", {}, told), el("p", { class: "next" }, el("span", {}, "Next"), el("code", {}, "asyncsynth run")));
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

async function serveRuns(source) {
  const runs = await someRuns(source);
  const asked = new URLSearchParams(location.hash.slice(1)).get("run");
  const run = runs.find((each) => each.id === asked) ?? runs.find((each) => each.working) ?? runs[0];
  const { live, show, shown } = await showRun(source, run.id);
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

// How records are spread over the axes: a heat map of two axes, or bars of one; a click filters the samples.

function coveragePanel(survey, filter) {
  if (!survey.axes.length) return null;
  const views = [
    ...survey.pairs.map((pair) => ({ name: `${pair.rows} × ${pair.columns}`, draw: () => heatMap(survey, pair, filter) })),
    ...survey.axes.map((axis) => ({ name: axis.name, draw: () => axisBars(axis, filter) })),
  ];
  const place = el("div", {});
  const choice = el(
    "select",
    { "aria-label": "Axes to show", onchange: () => draw() },
    views.map((view, at) => el("option", { value: at }, view.name)),
  );
  const draw = () => replace(place, views[choice.value].draw());
  draw();
  filter.listen(draw, "panels");
  const told = "How many records have which values; red marks dead letters, samples that were given up on. Choose some to read only those.";
  return panel("Coverage", el("p", { class: "hint" }, told), views.length > 1 ? choice : null, place);
}

function axisBars(axis, filter) {
  const entries = axis.values.map(({ value, records, failures }) => ({
    name: value,
    count: records,
    told: failures ? `${number(records)}, ${many(failures, "dead letter")}` : number(records),
    pressed: filter.value(axis.name) === value,
    onclick: () => filter.toggle({ [axis.name]: value }),
  }));
  const others = axis.others ? el("p", { class: "hint" }, `and ${number(axis.others)} with values that are not listed`) : null;
  return el("div", {}, bars(entries), others);
}

function heatMap(survey, pair, filter) {
  const axis = (name) => survey.axes.find((each) => each.name === name);
  const lines = (name, count) => {
    const values = axis(name).values.map((each) => each.value);
    return values.length < count ? [...values, null] : values;
  };
  const rows = lines(pair.rows, pair.records.length);
  const columns = lines(pair.columns, pair.records[0].length);
  const most = Math.max(1, ...pair.records.flat());
  const small = columns.length > 12;
  const grid = []; // buttons, for the arrow keys
  const button = (row, attributes, ...inside) => {
    const made = el("button", { type: "button", tabindex: "-1", ...attributes }, ...inside);
    (grid[row] ??= []).push(made);
    return made;
  };
  const only = (name, value, row, title) =>
    button(row, { class: "label", title, "aria-pressed": String(alone(filter, { [name]: value })), onclick: () => filter.toggle({ [name]: value }) }, el("span", { dir: "auto" }, value));
  const head = el(
    "tr",
    {},
    el("th", { scope: "col", class: "corner" }, `${pair.rows} \\ ${pair.columns}`),
    columns.map((column) => el("th", { scope: "col", class: "column-head" }, column === null ? "others" : only(pair.columns, column, 0, column))),
  );
  const body = rows.map((row, at) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, row === null ? "others" : only(pair.rows, row, at + 1, row)),
      columns.map((column, to) => cell(row, column, at, to)),
    ),
  );
  function cell(row, column, at, to) {
    const [records, failures] = [pair.records[at][to], pair.failures[at][to]];
    const said = `${row ?? "others"}, ${column ?? "others"}: ${many(records, "record")}${failures ? `, ${many(failures, "dead letter")}` : ""}`;
    const look = { vars: { heat: records / most }, class: `cell${records ? "" : " none"}${failures ? " failed" : ""}` };
    const figure = small ? null : el("span", { "aria-hidden": "true" }, records ? compact(records) : "·");
    if (row === null || column === null) return el("td", {}, el("span", { ...look, title: said }, figure, el("span", { class: "unseen" }, said)));
    const values = { [pair.rows]: row, [pair.columns]: column };
    return el(
      "td",
      {},
      button(at + 1, { ...look, title: said, "aria-label": said, "aria-pressed": String(alone(filter, values)), onclick: () => filter.toggle(values) }, figure),
    );
  }
  const map = el(
    "table",
    { class: `heat${small ? " small" : ""}`, "aria-label": `Records by ${pair.rows} and ${pair.columns}`, onkeydown: (event) => walk(event, grid) },
    el("thead", {}, head),
    el("tbody", {}, body),
  );
  const first = grid.flat().find((each) => each.getAttribute("aria-pressed") === "true") ?? grid.flat()[0];
  if (first) first.tabIndex = 0;
  return el("div", { class: "wide" }, map);
}

/** Whether these values, and no others, are what the samples are filtered by. */
function alone(filter, values) {
  return filter.values.size === Object.keys(values).length && Object.entries(values).every(([axis, value]) => filter.value(axis) === value);
}

/** Arrow keys move through the cells, so that Tab passes the map in one step. */
function walk(event, grid) {
  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const move = moves[event.key];
  const row = grid.findIndex((line) => line?.includes(event.target));
  if (!move || row < 0) return;
  event.preventDefault();
  const lines = grid.filter(Boolean);
  const line = lines[lines.indexOf(grid[row]) + move[0]];
  // The first line has no head of its own, so it stands one to the right of the others.
  const shift = (of) => (of === grid[0] ? 1 : 0);
  const next = line?.[grid[row].indexOf(event.target) + shift(grid[row]) + move[1] - shift(line)];
  if (!next) return;
  event.target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

// Bars and histograms.

/** Bars with a name and a figure each: {name, count, told, kind, pressed, onclick, title}. */
function bars(entries, whole) {
  const most = whole ?? Math.max(1, ...entries.map((entry) => entry.count));
  return el(
    "ol",
    { class: "bars" },
    entries.map((entry) => {
      const inside = [
        el("span", { class: "name", dir: "auto" }, entry.name),
        el("span", { class: "figure" }, entry.told ?? number(entry.count)),
        el("span", { class: `bar ${entry.kind ?? ""}`, vars: { share: Math.min(1, entry.count / most) }, "aria-hidden": "true" }),
      ];
      if (!entry.onclick) return el("li", { title: entry.title }, el("div", { class: "row" }, inside));
      return el(
        "li",
        {},
        el("button", { type: "button", class: "row", title: entry.title, "aria-pressed": String(entry.pressed ?? false), onclick: entry.onclick }, inside),
      );
    }),
  );
}

/** A histogram of bins {start, end, texts}, with a line at `middle`; the last one ends with `longest`. */
function histogram(bins, unit, middle, longest) {
  const [width, height, foot] = [480, 130, 20];
  const most = Math.max(1, ...bins.map((bin) => bin.texts));
  const step = width / bins.length;
  const first = bins[0].start;
  const span = bins[bins.length - 1].end + 1 - first;
  const place = (value) => ((value - first) / span) * width;
  const shown = bins.map((bin, at) => {
    const tall = bin.texts ? Math.max(1.5, (bin.texts / most) * (height - 14)) : 0;
    return svg(
      "rect",
      { x: at * step + 0.5, y: height - tall, width: Math.max(1, step - 1), height: tall, class: "column" },
      svg("title", {}, `${number(bin.start)} to ${number(bin.end)} ${unit}: ${number(bin.texts)}`),
    );
  });
  const label = (value, anchor) => svg("text", { x: place(value), y: height + foot - 5, "text-anchor": anchor }, number(value));
  const half = (first + bins[bins.length - 1].end + 1) / 2;
  return svg(
    "svg",
    { class: "histogram", viewBox: `0 0 ${width} ${height + foot}`, role: "img", "aria-label": `How many answers have how many ${unit}: ${spoken(bins)}` },
    shown,
    svg("line", { x1: 0, x2: width, y1: height, y2: height, class: "floor" }),
    svg("line", { x1: place(middle + 0.5), x2: place(middle + 0.5), y1: 0, y2: height, class: "middle" }),
    svg("text", { x: Math.min(place(middle + 0.5) + 5, width - 90), y: 10 }, `median ${number(middle)}`),
    label(first, "start"),
    bins.length > 2 ? label(Math.round(half), "middle") : null,
    svg("text", { x: width, y: height + foot - 5, "text-anchor": "end" }, number(longest)),
  );
}

function spoken(bins) {
  return bins.filter((bin) => bin.texts).map((bin) => `${bin.start} to ${bin.end}: ${bin.texts}`).join(", ");
}

/** A table of texts; columns that begin with "#" are figures. */
function table(caption, columns, rows) {
  const figure = (at) => (columns[at].startsWith("#") ? "figure" : null);
  return el(
    "div",
    { class: "wide", tabindex: "0", role: "region", "aria-label": caption },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, columns.map((name, at) => el("th", { scope: "col", class: figure(at) }, name.replace("#", ""))))),
      el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell, at) => el("td", { class: figure(at), dir: figure(at) ? null : "auto" }, cell))))),
    ),
  );
}

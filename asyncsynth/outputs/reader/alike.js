// Answers that are nearly the same, side by side with what differs.

const AT_FIRST = 6; // pairs

function alikePanel(survey, open) {
  const alike = survey.alike;
  if (!alike) return null;
  const told = alike.pairs.length
    ? `${percent(alike.share)} of ${many(alike.texts, "answer")} nearly repeat another one of them. The closest pairs:`
    : `No two of ${many(alike.texts, "answer")} are nearly the same.`;
  const there = new Set(survey.samples.map((sample) => sample.key)); // of a large set some only
  const pairs = alike.pairs.map((pair) => pairOf(pair, (key) => (there.has(key) ? () => open(key) : null)));
  const list = el("div", { class: "pairs" }, pairs.slice(0, AT_FIRST));
  const all = el(
    "button",
    {
      type: "button",
      class: "quiet",
      hidden: pairs.length <= AT_FIRST,
      onclick: () => {
        list.append(...pairs.slice(AT_FIRST));
        all.remove();
      },
    },
    `Show ${number(pairs.length - AT_FIRST)} more`,
  );
  return panel("Near-duplicates", el("p", {}, told), list, all);
}

/** `opens(key)`: what shows that sample, null where it is not here. */
function pairOf(pair, opens) {
  const inside = el("div", {});
  return el(
    "details",
    {
      ontoggle: (event) => {
        if (event.target.open && !inside.childElementCount) inside.append(sideBySide(pair, opens));
      },
    },
    el("summary", {}, el("span", { class: "badge" }, percent(pair.similarity)), " ", el("span", { dir: "auto" }, pair.left_text.slice(0, 90))),
    inside,
  );
}

function sideBySide(pair, opens) {
  const parts = differences(pair.left_text, pair.right_text);
  const side = (kind, key, tag) =>
    el(
      "div",
      {},
      opens(key) ? el("button", { type: "button", class: "quiet", onclick: opens(key) }, key.slice(0, 8)) : el("code", {}, key.slice(0, 8)),
      el("p", { class: "text", dir: "auto" }, parts.filter(([of]) => of === "same" || of === kind).map(([of, words]) => (of === "same" ? words : el(tag, {}, words)))),
    );
  return el("div", { class: "sides" }, side("left", pair.left, "del"), side("right", pair.right, "ins"));
}

// Numbers, money and texts for people.

const number = (value) => (value === null || value === undefined ? "unknown" : value.toLocaleString("en-US"));
const share = (part, whole) => (whole ? percent(part / whole) : "0%");
const many = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;

function percent(value) {
  if (value > 0 && value < 0.01) return "<1%";
  if (value < 1 && value > 0.99) return ">99%";
  return `${Math.round(value * 100)}%`;
}

function money(usd) {
  if (usd === null || usd === undefined) return "price unknown";
  if (usd >= 1 || usd === 0) return `$${usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  return `$${usd.toFixed(Math.max(4, 1 - Math.floor(Math.log10(usd))))}`; // as text.py does: two digits at least
}

function compact(value) {
  return value < 1_000_000 ? number(value) : value.toLocaleString("en-US", { notation: "compact", maximumFractionDigits: 1 });
}

/** Three digits at most, for what stands beside a figure. */
const rounded = (value) => value.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 3 });

/** How long something takes, as exact as a guess can be. */
function roughly(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 10 ? `${hours} h ${minutes % 60} min` : `${Math.round(minutes / 60)} h`;
}

/** So many a second, or where they are few a minute. */
function rateOf(perSecond) {
  return perSecond >= 1 ? `${perSecond.toFixed(1)} a second` : `${(60 * perSecond).toFixed(perSecond < 0.1 ? 1 : 0)} a minute`;
}

const moment = (iso) => (iso ? iso.replace("T", " ").replace("Z", " UTC") : "");

/** A value of an axis as the config writes it; of a table what it is looked up by. */
function shownAt(combination, path) {
  let value = combination;
  for (const part of path.split(".")) value = value === null || value === undefined ? undefined : value[part];
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The paths of a combination, as the survey names its axes. */
function pathsOf(combination) {
  return Object.entries(combination).map(([axis, value]) => {
    if (value === null || typeof value !== "object") return axis;
    const title = ["name", "title", "id"].find((name) => value[name] !== undefined && value[name] !== null) ?? Object.keys(value)[0];
    return title === undefined ? axis : `${axis}.${title}`;
  });
}

/** The head of a text that is longer than so many characters. */
function clipped(text, most) {
  return text.length <= most * 1.2 ? text : `${text.slice(0, most).trimEnd()}…`;
}

/** What two texts share, word by word: [kind, words], kind "same", "left" or "right"; of the first words only. */
function differences(left, right, most = 500) {
  const cut = (text) => text.split(/(?<=\s)(?=\S)/u).slice(0, most);
  const [a, b] = [cut(left), cut(right)];
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  const bare = (word) => word.trim();
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        bare(a[i]) === bare(b[j])
          ? lengths[(i + 1) * width + j + 1] + 1
          : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const parts = [];
  const add = (kind, word) => {
    const last = parts[parts.length - 1];
    if (last && last[0] === kind) last[1] += word;
    else parts.push([kind, word]);
  };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && bare(a[i]) === bare(b[j])) [add("same", a[i]), i++, j++];
    else if (j >= b.length || (i < a.length && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) add("left", a[i++]);
    else add("right", b[j++]);
  }
  return parts;
}

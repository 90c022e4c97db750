// Elements of the page. Whatever a model wrote gets in as text only: nothing here parses markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes, listeners (functions under names like onclick) and children (nodes or texts). */
function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (name === "vars") for (const [key, each] of Object.entries(value)) node.style.setProperty(`--${key}`, each);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}

function replace(node, ...children) {
  node.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
}

/** A panel that can be folded; on a narrow screen it starts folded. */
function panel(title, ...children) {
  const id = `panel-${title.toLowerCase().replace(/[^a-z]+/g, "-")}`;
  return el(
    "details",
    { class: "panel", id, open: !matchMedia("(max-width: 1099px)").matches },
    el("summary", {}, el("h2", {}, title)),
    el("div", { class: "inside" }, ...children),
  );
}

function copied(text, label) {
  const button = el("button", { type: "button", class: "quiet", "aria-label": label }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select it and copy";
    }
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  return button;
}

/** Says something to people who can't see the page change. */
function announce(text) {
  let place = document.getElementById("said");
  if (!place) {
    place = el("p", { id: "said", class: "unseen", "aria-live": "polite" });
    document.querySelector("main").append(place);
  }
  place.textContent = text;
}

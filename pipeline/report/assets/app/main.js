// Start, and go where the hash says: #view=…, #speaker=…, #quote=…, #article=…

const VIEWS = {
  overview: overviewView,
  quotes: quotesView,
  people: peopleView,
  articles: articlesView,
  health: healthView,
  reader: readerView,
};
const REPORT_NAV = {
  overview: "Overview",
  quotes: "Quotations",
  people: "Speakers",
  articles: "Articles",
  health: "Health",
};
const READER_NAV = { articles: "Texts", quotes: "Quotations", people: "Speakers" };
const made = new Map(); // name → view, made when first seen
let current = null;

function destination() {
  const params = new URLSearchParams(location.hash.slice(1));
  if (params.has("quote") || params.has("article")) return ["reader", params];
  if (params.has("speaker")) return ["quotes", params];
  const wanted = params.get("view");
  if (Object.hasOwn(VIEWS, wanted || "") && wanted !== "reader" && (store.head.facts || wanted in READER_NAV))
    return [wanted, params];
  if (store.head.facts) return ["overview", params];
  if (store.articles.length === 1) return ["reader", new URLSearchParams({ article: store.articles[0].id })];
  return ["articles", params];
}

function viewOf(name) {
  if (!made.has(name)) {
    const view = VIEWS[name]();
    byId("main").append(view.element);
    made.set(name, view);
  }
  return made.get(name);
}

/** Show what the hash names; `scroll` is where the window stood there before, or null. */
async function go(scroll) {
  hideCard();
  const [name, params] = destination();
  const view = viewOf(name);
  const moved = current !== name;
  current = name;
  made.forEach((other, key) => (other.element.hidden = key !== name));
  markNav(name);
  if (scroll === null && !view.keepsScroll) window.scrollTo(0, 0);
  await view.route(params);
  document.title = `${view.title()} · newsbeam`;
  if (scroll !== null) requestAnimationFrame(() => window.scrollTo(0, scroll));
  if (moved) focusTitle(view);
  document.documentElement.dataset.at = location.hash; // it is shown
}

function focusTitle(view) {
  const title = view.element.querySelector("h1");
  if (title && document.activeElement === document.body) title.focus({ preventScroll: true });
}

function markNav(name) {
  for (const link of byId("nav").querySelectorAll("a")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function drawFrame() {
  const { head } = store;
  const nav = head.facts ? REPORT_NAV : store.articles.length > 1 ? READER_NAV : {};
  byId("name").replaceChildren(foreign(head.name));
  byId("nav").replaceChildren(
    ...Object.entries(nav).map(([view, label]) =>
      h("a", { href: view === "overview" ? "#" : hash({ view }), "data-view": view }, label),
    ),
  );
  byId("bottom").replaceChildren(
    h(
      "p",
      {},
      `Made ${minute(head.made)} UTC by newsbeam ${head.version}. This file holds all it shows and asks no network.`,
    ),
  );
}

const THEMES = { light: "Dark", dark: "Light" }; // theme → what the button offers

function setUpTheme() {
  const button = byId("theme");
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const now = () => document.documentElement.dataset.theme || (system.matches ? "dark" : "light");
  const draw = () => {
    button.textContent = THEMES[now()];
    button.setAttribute("aria-label", `${THEMES[now()]} colours`);
    if (current === "overview") drawCharts();
  };
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = now() === "dark" ? "light" : "dark";
    remember(document.documentElement.dataset.theme);
    draw();
  });
  system.addEventListener("change", draw);
  const kept = remembered();
  if (kept in THEMES) document.documentElement.dataset.theme = kept;
  draw();
}

/** A browser may forbid a page to remember anything; then it does not. */
function remember(theme) {
  try {
    localStorage.setItem("newsbeam-theme", theme);
  } catch {
    // nothing to do
  }
}

function remembered() {
  try {
    return localStorage.getItem("newsbeam-theme");
  } catch {
    return null;
  }
}

/** Keep in the history where the window stands, so that "back" leads there. */
function keepScroll() {
  history.scrollRestoration = "manual";
  const keep = later(100, () => history.replaceState({ ...history.state, scroll: window.scrollY }, ""));
  window.addEventListener("scroll", keep, { passive: true });
  window.addEventListener("popstate", (event) => {
    const scroll = event.state && "scroll" in event.state ? event.state.scroll : null;
    if (!event.state) history.replaceState({ inside: true }, "");
    go(scroll);
  });
}

async function start() {
  try {
    setUpTheme();
    await loadIndex();
    byId("loading").remove();
    drawFrame();
    keepScroll();
    await go(null);
    document.documentElement.dataset.ready = "yes";
  } catch (error) {
    byId("loading").textContent =
      `This page cannot be shown: ${error.message}. It needs a browser of 2023 or later.`;
    throw error;
  }
}

byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hideCard();
  if (event.key === "/" && !event.target.closest("input, select, textarea")) {
    const field = document.querySelector("section.view:not([hidden]) input[type=search]");
    if (field) (event.preventDefault(), field.focus());
  }
});
for (const moved of ["wheel", "touchmove"]) window.addEventListener(moved, hideCard, { passive: true });
window.addEventListener(
  "resize",
  later(200, () => current === "overview" && drawCharts()),
);
start();

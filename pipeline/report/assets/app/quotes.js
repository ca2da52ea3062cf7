// Quotations: a row, and the page that filters them. The page of a speaker is this page, too.

/** How sure the attribution is: a bar and a number. */
function sureBar(hundredths) {
  return h(
    "span",
    { class: "sure", title: "calibrated probability that the speaker is right" },
    h("span", { class: "sure-bar", "aria-hidden": "true", vars: { "--sure": `${hundredths}%` } }),
    h("span", { class: "unseen" }, "confidence "),
    `${hundredths}%`,
  );
}

const kindBadge = (kind) => h("span", { class: `kind kind-${kind}`, title: KIND_WORDS[kind] }, kind);
const flagBadges = (flags) => flags.map((flag) => h("span", { class: "flag" }, words(flag)));

function speakerLink(quote) {
  if (quote.speaker)
    return h("a", { class: "speaker", href: hash({ speaker: quote.speaker }) }, foreign(quote.speaker));
  return foreign(speakerWords(quote), "bdi", { class: "speaker nobody" });
}

/** Where an article stands: outlet, day, headline. */
function sourceLine(article, target) {
  return h(
    "p",
    { class: "source" },
    article.outlet ? foreign(article.outlet, "bdi", { class: "outlet" }) : null,
    whenLine(article),
    h(
      "a",
      { class: "headline", href: hash(target), "data-main": true },
      foreign(article.title || "without headline"),
    ),
  );
}

/** The day of an article; nothing for a text that has none by nature. */
function whenLine(article) {
  if (article.published === null && !store.head.facts) return null;
  return h("span", { class: "when" }, article.published === null ? "undated" : shortDay(article.published));
}

function quoteRow(quote) {
  const words = h(
    "blockquote",
    { class: `words words-${quote.kind}`, dir: "auto" },
    h("mark", {}, quote.text),
  );
  const row = h(
    "article",
    { class: "row quote-row", "data-quote": quote.id },
    h(
      "header",
      { class: "row-head" },
      speakerLink(quote),
      kindBadge(quote.kind),
      sureBar(quote.sure),
      flagBadges(quote.flags),
    ),
    words,
    sourceLine(quote.article, { quote: quote.id }),
  );
  words.addEventListener("click", () => openQuote(quote));
  addContext(quote, words);
  return row;
}

/** Put the words around a quotation beside it, when its article has been opened. */
async function addContext(quote, place) {
  const text = await openText(quote.article);
  const pieces = contextPieces(text, text.quotes[quote.n]);
  place.replaceChildren(...pieces.map((piece) => (piece.quoted ? h("mark", {}, piece.text) : piece.text)));
}

/** Open the reader on a click, but not at the end of marking words. */
function openQuote(quote) {
  if (document.getSelection().isCollapsed) location.hash = hash({ quote: quote.id });
}

function quotesView() {
  const list = h("div", { class: "rows", role: "list", "aria-label": "Quotations" });
  const shown = new WindowedList(list, quoteRow, 170);
  const title = h("h1", { tabindex: "-1" });
  const about = h("div", { class: "about" });
  const total = h("p", { class: "count", role: "status" });
  const search = newSearch();
  let state = readFilters(new URLSearchParams());
  let drawn = null;

  async function find() {
    const key = `${JSON.stringify(state)} ${store.quotes.length}`;
    if (key === drawn) return;
    drawn = key;
    const found = await search(store.quotes, quoteTest(state));
    if (found === null) return;
    shown.show(found);
    list.dataset.found = found.length;
    total.textContent = quoteCount(found);
    title.replaceChildren(state.speaker ? foreign(state.speaker) : "Quotations");
    about.replaceChildren(...(state.speaker ? speakerSummary(found) : []));
  }

  const form = quoteForm((changed) => {
    state = { ...state, ...changed };
    history.replaceState(history.state, "", stateHash(state));
    find();
  });
  return {
    element: h(
      "section",
      { class: "view" },
      h("div", { class: "view-head" }, title, about),
      form.element,
      total,
      list,
    ),
    title: () => state.speaker || "Quotations",
    route(params) {
      state = readFilters(params);
      form.set(state);
      return find();
    },
  };
}

/** The hash of a state: a speaker's page keeps its own short form. */
const stateHash = (state) => hash(state.speaker ? state : { view: "quotes", ...state });

function quoteCount(found) {
  if (!found.length) return "No quotation fits. Widen the filters, or reset them.";
  const articles = new Set(found.map((quote) => quote.article.id)).size;
  return `${count(found.length, "quotation")} in ${count(articles, "article")}, the newest first`;
}

function speakerSummary(found) {
  const person = people().find((one) => one.name === (found[0] && found[0].speaker));
  if (!person) return [];
  const where = [...person.outlets].sort((a, b) => b[1] - a[1]);
  const parts = where.slice(0, 6).map(([outlet, n]) => h("li", {}, foreign(outlet), h("b", {}, number(n))));
  const more = where.length > 6 ? [h("li", {}, `${number(where.length - 6)} more`)] : [];
  return [
    h("p", { class: "unseen" }, "Quoted by:"),
    h("ul", { class: "chips" }, parts, more),
    h("p", {}, here({ view: "people" }, "All speakers")),
  ];
}

/** The form of the filters; `changed(values)` is told what changes. */
function quoteForm(changed) {
  const tell = later(120, () => changed(values()));
  const query = h("input", {
    type: "search",
    id: "q",
    placeholder: "words, a name, “a phrase”",
    autocomplete: "off",
    oninput: tell,
  });
  const outlet = h("select", { id: "outlet", onchange: tell });
  const from = h("input", { type: "date", id: "from", onchange: tell });
  const to = h("input", { type: "date", id: "to", onchange: tell });
  const sureWords = h("output", { for: "sure" });
  const sure = h("input", {
    type: "range",
    id: "sure",
    min: "0",
    max: "99",
    step: "1",
    oninput: () => (showSure(), tell()),
  });
  const kinds = KINDS.map((kind) =>
    h("input", { type: "checkbox", id: `kind-${kind}`, value: kind, onchange: tell }),
  );
  const reset = h(
    "button",
    { type: "button", class: "quiet", onclick: () => (set(readFilters(new URLSearchParams())), tell()) },
    "Reset",
  );

  const showSure = () => (sureWords.textContent = Number(sure.value) ? `at least ${sure.value}%` : "any");
  function values() {
    const chosen = kinds.filter((box) => box.checked).map((box) => box.value);
    return {
      q: query.value.trim(),
      outlet: outlet.value,
      from: from.value,
      to: to.value,
      sure: Number(sure.value) ? sure.value : "",
      kind: chosen.length === KINDS.length ? "" : chosen.join(",") || "none",
    };
  }
  function set(state) {
    fillOutlets(outlet, state.outlet);
    if (document.activeElement !== query) query.value = state.q;
    from.value = state.from;
    to.value = state.to;
    sure.value = state.sure || 0;
    kinds.forEach((box) => (box.checked = !state.kind || state.kind.split(",").includes(box.value)));
    showSure();
  }
  const field = (label, input, ...more) =>
    h("div", { class: "field" }, h("label", { for: input.id }, label), input, ...more);
  const boxes = kinds.map((box) =>
    h("label", { class: "box", title: KIND_WORDS[box.value] }, box, box.value),
  );
  const more = h(
    "div",
    { class: "fields" },
    field("Outlet", outlet),
    field("From", from),
    field("To", to),
    h("fieldset", { class: "field" }, h("legend", {}, "Kind"), h("div", { class: "boxes" }, boxes)),
    field("Confidence", sure, sureWords),
    reset,
  );
  const fold = h(
    "details",
    { class: "filters", open: window.innerWidth > 700 },
    h("summary", {}, "Filters"),
    more,
  );
  const element = h(
    "form",
    { class: "search", role: "search", onsubmit: (event) => event.preventDefault() },
    field("Search", query),
    fold,
  );
  return { element, set };
}

function fillOutlets(select, chosen) {
  const names = outlets().filter(([name]) => name);
  const known = names.some(([name]) => name === chosen) || !chosen ? names : [[chosen, 0], ...names];
  const options = known.map(([name, n]) => h("option", { value: name }, `${name} (${number(n)})`));
  select.replaceChildren(h("option", { value: "" }, "all outlets"), ...options);
  select.value = chosen;
}

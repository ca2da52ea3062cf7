// The reader: an article's text with names and quotations marked, and what is known of each beside it.

const NARROW = 860; // pixels; the style sheet says the same

function readerView() {
  const place = h("div", { class: "reader" });
  let shown = null; // {article, text, notes, items}

  async function route(params) {
    const quote = store.quoteById.get(params.get("quote")) || null;
    const article = quote ? quote.article : store.articleById.get(params.get("article"));
    if (!article) return lost();
    if (!shown || shown.article !== article) await open(article);
    select(quote);
  }

  function lost() {
    shown = null;
    place.replaceChildren(
      h("h1", { tabindex: "-1" }, "Not in this page"),
      h(
        "p",
        { class: "lead" },
        "This page does not hold that article. It may be older than what the page lists, or have been revised since.",
      ),
    );
  }

  async function open(article) {
    const text = await openText(article);
    const hues = speakerHues(article);
    shown = { article, text, hues, notes: [], items: [] };
    const body = markedParagraphs(article, text, hues, noteButton);
    const title = headline(article, text, body);
    place.replaceChildren(
      h(
        "div",
        { class: "paper" },
        back(),
        articleHead(article, title),
        legend(article, hues),
        h("div", { class: "body" }, body),
      ),
      h(
        "aside",
        { class: "beside", "aria-label": "Quotations and names of this article" },
        quotesBeside(),
        namesBeside(text),
      ),
    );
    place.querySelectorAll("[data-q]").forEach(follow);
  }

  /** The button behind a quotation: what the keyboard and a finger reach. */
  function noteButton(n) {
    const quote = shown.article.own[n];
    const label = `Quotation ${n + 1}: ${speakerWords(quote)}, confidence ${quote.sure}%`;
    const button = h(
      "span", // a button element could be parted from its quotation at the end of a line
      {
        role: "button",
        tabindex: "0",
        class: `note ${hueClass(shown.hues, quote)}`,
        "aria-label": label,
        "data-q": n,
      },
      String(n + 1),
    );
    button.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") (event.preventDefault(), choose(n));
    });
    button.addEventListener("click", () => choose(n));
    button.addEventListener("focus", () => explain(n, button));
    button.addEventListener("blur", hideCard);
    shown.notes[n] = button;
    return button;
  }

  function follow(element) {
    const n = Number(element.dataset.q);
    element.addEventListener(
      "pointerenter",
      (event) => event.pointerType === "mouse" && explain(n, element, event),
    );
    element.addEventListener(
      "pointerleave",
      (event) => event.pointerType === "mouse" && (hideCard(), light(null)),
    );
    if (element.tagName === "MARK")
      element.addEventListener("click", () => document.getSelection().isCollapsed && choose(n));
  }

  function explain(n, element, event) {
    light(n);
    const boxes = [...element.getClientRects()];
    const box =
      (event && boxes.find((one) => event.clientY >= one.top - 2 && event.clientY <= one.bottom + 2)) ||
      boxes[0];
    if (box) showCard(quoteFacts(shown.article.own[n], shown.text.quotes[n]), box);
  }

  /** Make all that belongs to one quotation stand out: its words, cue and speaker. */
  function light(n) {
    place
      .querySelectorAll("[data-q]")
      .forEach((element) => element.classList.toggle("on", Number(element.dataset.q) === n));
  }

  function choose(n) {
    const target = hash({ quote: shown.article.own[n].id });
    if (location.hash === target) select(shown.article.own[n]);
    else location.hash = target;
  }

  function select(quote) {
    place.querySelectorAll(".target").forEach((element) => element.classList.remove("target"));
    place.querySelectorAll(".beside details.one").forEach((element) => (element.open = false));
    if (!quote) return window.scrollTo(0, 0);
    const marks = place.querySelectorAll(`mark[data-q="${quote.n}"]`);
    marks.forEach((mark) => mark.classList.add("target"));
    const item = shown.items[quote.n];
    item.open = true;
    item.classList.add("target");
    const first = marks[0] || shown.notes[quote.n];
    if (first) first.scrollIntoView({ block: "center" });
    const beside = place.querySelector(".beside");
    if (item.offsetTop + item.offsetHeight > beside.clientHeight) beside.scrollTop = item.offsetTop - 80;
    if (window.innerWidth <= NARROW && first) explain(quote.n, first); // beside is far below
    return undefined;
  }

  function quotesBeside() {
    const { article, text, hues } = shown;
    if (!article.own.length) return h("p", { class: "empty" }, "No quotation was found in this article.");
    shown.items = article.own.map((quote, n) =>
      quoteItem(quote, text.quotes[n], hueClass(hues, quote), () => choose(n)),
    );
    return h(
      "div",
      { class: "quotes-beside" },
      h("h2", {}, count(article.own.length, "quotation")),
      h("div", {}, shown.items),
    );
  }

  return {
    element: h("section", { class: "view" }, place),
    title: () => (shown ? shown.article.title || "Article" : "Not found"),
    route,
    keepsScroll: true,
  };
}

function back() {
  if (!store.head.facts && store.articles.length < 2) return null;
  const go = (event) => {
    if (history.state && history.state.inside) (event.preventDefault(), history.back());
  };
  return h(
    "p",
    { class: "back" },
    h("a", { href: hash({ view: store.head.facts ? "quotes" : "articles" }), onclick: go }, "← Back"),
  );
}

/** The first paragraph is the headline, with its marks, where the text begins with it. */
function headline(article, text, body) {
  const same =
    body[0] && article.title && text.text.trimStart().split("\n")[0].trim() === article.title.trim();
  const title = h("h1", { tabindex: "-1", dir: "auto" });
  if (same) title.append(...body.shift().childNodes);
  else title.append(article.title || "Without headline");
  return title;
}

function articleHead(article, title) {
  const facts = [
    article.outlet
      ? h(
          "a",
          { class: "outlet", href: hash({ view: "articles", outlet: article.outlet }) },
          foreign(article.outlet),
        )
      : null,
    article.authors.length ? h("span", {}, "by ", foreign(listed(article.authors))) : null,
    article.published === null
      ? whenLine(article)
      : h("span", { class: "when" }, `${minute(article.published)} UTC`),
    article.section ? foreign(article.section) : null,
    h("span", {}, count(article.words, "word")),
    flagBadges(article.flags),
    webLink(article.url, "Read at the source ↗"),
  ];
  return h(
    "header",
    { class: "article-head" },
    title,
    h("p", { class: "source" }, facts.flat().filter(Boolean)),
  );
}

function legend(article, hues) {
  if (!hues.size) return null;
  const spoken = new Map();
  for (const quote of article.own) spoken.set(speakerKey(quote), (spoken.get(speakerKey(quote)) || 0) + 1);
  const chips = [...hues].map(([key, hue]) => {
    const named = article.own.some((quote) => quote.speaker === key);
    const name =
      named && store.head.facts ? h("a", { href: hash({ speaker: key }) }, foreign(key)) : foreign(key);
    return h(
      "li",
      { class: `hue-${hue}` },
      h("span", { class: "dot", "aria-hidden": "true" }),
      name,
      h("b", {}, number(spoken.get(key))),
    );
  });
  return h("ul", { class: "chips legend", "aria-label": "Speakers and their colours" }, chips);
}

/** Speaker, cue, kind and confidence of a quotation: what the card and the side show. */
function quoteFacts(quote, details) {
  const said = quote.said && quote.said !== quote.speaker ? `“${quote.said}”` : null;
  const others = details.candidates.filter(([name, share]) => name !== quote.speaker && share >= 0.01);
  const lines = [
    [
      "Speaker",
      h(
        "span",
        {},
        h("strong", {}, foreign(speakerWords(quote))),
        said && quote.speaker ? foreign(`, here ${said}`) : "",
      ),
    ],
    ["Confidence", sureBar(quote.sure)],
    ["Kind", h("span", {}, `${quote.kind}: ${KIND_WORDS[quote.kind]}`)],
    [
      "Told by",
      details.cueText
        ? foreign(`“${details.cueText}”`)
        : details.is_floating
          ? "what was said before"
          : "no word of saying",
    ],
    others.length
      ? ["Or", foreign(listed(others.map(([name, share]) => `${name} (${percent(share)})`)))]
      : null,
    quote.flags.length ? ["Note", sentence(listed(quote.flags.map(words)))] : null,
    ["Rule", details.method.replaceAll("_", " ")],
  ];
  return [
    h(
      "dl",
      { class: "quote-facts" },
      lines.filter(Boolean).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
    ),
  ];
}

function quoteItem(quote, details, hue, choose) {
  const cited = h("div", {});
  const button = (label, work) => h("button", { type: "button", class: "quiet", onclick: work }, label);
  const tools = h(
    "p",
    { class: "tools" },
    button("Show in text", choose),
    button("Cite", () => cite(quote, cited)),
    button("JSON", () => downloadQuote(quote, "json")),
    button("CSV", () => downloadQuote(quote, "csv")),
  );
  return h(
    "details",
    { class: `one ${hue}` },
    h(
      "summary",
      {},
      h("span", { class: "badge" }, String(quote.n + 1)),
      h(
        "span",
        { class: "one-words" },
        foreign(speakerWords(quote), "bdi", { class: quote.speaker ? "speaker" : "speaker nobody" }),
        " ",
        foreign(quote.text, "q"),
      ),
      h("span", { class: "amount" }, `${quote.sure}%`),
    ),
    quoteFacts(quote, details),
    tools,
    cited,
  );
}

function namesBeside(text) {
  if (!text.entities.length) return null;
  const groups = { person: "People", organization: "Organizations", place: "Places", other: "Other names" };
  const parts = Object.entries(groups).map(([type, title]) => {
    const found = text.entities.filter((entity) => entity[1] === type);
    const line = ([name, , role, mentions]) =>
      h(
        "li",
        {},
        foreign(name),
        role ? foreign(role, "bdi", { class: "role" }) : null,
        h("b", { class: "amount" }, number(mentions)),
      );
    return found.length
      ? [h("h3", {}, title), h("ul", { class: `plain names is-${type}` }, found.map(line))]
      : null;
  });
  return h(
    "details",
    { class: "names-beside" },
    h("summary", {}, count(text.entities.length, "name")),
    parts.flat().filter(Boolean),
  );
}

/** Show a card beside a box of the window. */
function showCard(content, box) {
  const card = byId("card");
  card.replaceChildren(...content);
  card.hidden = false;
  const { offsetWidth: width, offsetHeight: height } = card;
  const left = Math.max(8, Math.min(box.left, window.innerWidth - width - 8));
  const top =
    box.bottom + height + 12 < window.innerHeight ? box.bottom + 8 : Math.max(8, box.top - height - 8);
  card.style.left = `${left}px`;
  card.style.top = `${top}px`;
}

function hideCard() {
  byId("card").hidden = true;
}

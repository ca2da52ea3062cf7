// People and articles: long lists with a search field.

/** A page with a list of rows that a search narrows down. */
function searchedList({ title, hint, name, draw, guess, items, test, counted }) {
  const list = h("div", { class: "rows", role: "list", "aria-label": title });
  const shown = new WindowedList(list, draw, guess);
  const total = h("p", { class: "count", role: "status" });
  const query = h("input", { type: "search", id: `q-${name}`, placeholder: hint, autocomplete: "off" });
  const search = newSearch();
  let state = {};

  async function find() {
    const found = await search(items(), test(state));
    if (found === null) return;
    shown.show(found);
    list.dataset.found = found.length;
    total.textContent = found.length ? counted(found.length) : "Nothing fits.";
  }
  query.addEventListener(
    "input",
    later(120, () => {
      state = { ...state, q: query.value.trim() };
      history.replaceState(history.state, "", hash({ view: name, ...state }));
      find();
    }),
  );
  const form = h(
    "form",
    { class: "search", role: "search", onsubmit: (event) => event.preventDefault() },
    h("div", { class: "field" }, h("label", { for: query.id }, "Search"), query),
  );
  return {
    element: h(
      "section",
      { class: "view" },
      h("div", { class: "view-head" }, h("h1", { tabindex: "-1" }, title)),
      form,
      h("div", { class: "count-line" }, total, h("span", { class: "unit" }, "quotations")),
      list,
    ),
    title: () => title,
    route(params) {
      state = readFilters(params);
      query.value = state.q;
      return find();
    },
  };
}

const peopleView = () =>
  searchedList({
    title: "Speakers",
    hint: "a name",
    name: "people",
    draw: personRow,
    guess: 62,
    items: people,
    test: (state) => (person) => searchWords(state.q || "").every((word) => person.fold.includes(word)),
    counted: (n) => `${count(n, "speaker")}, the most quoted first`,
  });

function personRow(person) {
  let where = [...person.outlets].sort((a, b) => b[1] - a[1]).map(([outlet]) => outlet);
  where = where.filter(Boolean);
  const named = where.length > 3 ? [...where.slice(0, 3), `${where.length - 3} more`] : where;
  return h(
    "article",
    { class: "row person-row" },
    h(
      "a",
      { class: "speaker", href: hash({ speaker: person.name }), "data-main": true },
      foreign(person.name),
    ),
    h(
      "p",
      { class: "source" },
      h("span", {}, count(person.articles.size, "article")),
      foreign(listed(named)),
    ),
    h("b", { class: "amount" }, number(person.quotes), h("span", { class: "unseen" }, " quotations")),
  );
}

const articlesView = () =>
  searchedList({
    title: "Articles",
    hint: "headline, outlet or author",
    name: "articles",
    draw: articleRow,
    guess: 84,
    items: () => store.articles,
    test: (state) => articleTest({ q: "", ...state }),
    counted: (n) => `${count(n, "article")}, the newest first`,
  });

function articleRow(article) {
  return h(
    "article",
    { class: "row article-row" },
    h(
      "a",
      { class: "headline", href: hash({ article: article.id }), "data-main": true },
      foreign(article.title || firstWords(article)),
    ),
    h(
      "p",
      { class: "source" },
      article.outlet ? foreign(article.outlet, "bdi", { class: "outlet" }) : null,
      whenLine(article),
      article.authors.length ? foreign(listed(article.authors)) : null,
      flagBadges(article.flags),
    ),
    h("b", { class: "amount" }, number(article.quotes), h("span", { class: "unseen" }, " quotations")),
  );
}

const firstWords = (article) => (article.own[0] ? article.own[0].text.slice(0, 80) : "without headline");

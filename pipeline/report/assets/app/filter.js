// What is looked for, and finding it without holding the page up.

const FILTERS = ["q", "outlet", "speaker", "kind", "sure", "from", "to"];
const SLICE = 8; // milliseconds of work between two pauses

/** The filters that a hash holds; kind is a list of kinds with commas, sure a percentage. */
function readFilters(params) {
  return Object.fromEntries(FILTERS.map((name) => [name, params.get(name) || ""]));
}

/** The words that are looked for; "words in quotation marks" stay together. */
function searchWords(text) {
  const found = fold(text).match(/"[^"]+"|[^\s"]+/g) || [];
  return found.map((word) => word.replaceAll('"', ""));
}

/** A function that says whether a quotation is wanted. */
function quoteTest(filters) {
  const looked = searchWords(filters.q);
  const kinds = filters.kind ? new Set(filters.kind.split(",")) : null;
  const sure = Number(filters.sure) || 0;
  const inArticle = articleTest({ ...filters, q: "" });
  return (quote) =>
    quote.sure >= sure &&
    (!filters.speaker || quote.speaker === filters.speaker) &&
    (!kinds || kinds.has(quote.kind)) &&
    inArticle(quote.article) &&
    looked.every((word) => quote.fold.includes(word) || quote.article.fold.includes(word));
}

/** A function that says whether an article is wanted; days are whole days, UTC. */
function articleTest(filters) {
  const looked = searchWords(filters.q);
  const from = dayStart(filters.from, -Infinity);
  const end = dayStart(filters.to, Infinity) + 86400000;
  return (article) =>
    (!filters.outlet || article.outlet === filters.outlet) &&
    article.shown >= from &&
    article.shown < end &&
    looked.every((word) => article.fold.includes(word));
}

function dayStart(text, otherwise) {
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time) ? otherwise : time;
}

/** A search that a newer one replaces: resolves to the found items, or null where it was replaced. */
function newSearch() {
  let latest = 0;
  return async (items, test) => {
    const mine = ++latest;
    const found = [];
    let until = performance.now() + SLICE;
    for (let n = 0; n < items.length; n += 1) {
      if (test(items[n])) found.push(items[n]);
      if (n % 256 === 255 && performance.now() > until) {
        await pause();
        if (mine !== latest) return null;
        until = performance.now() + SLICE;
      }
    }
    return mine === latest ? found : null;
  };
}

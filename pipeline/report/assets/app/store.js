// The data inside the page: an index that is read once, and texts that are opened when needed.

const OPEN_TEXTS = 12; // parts kept open

const store = {
  head: null,
  articles: [], // {id, outlet, title, authors, shown, published, url, section, words, quotes, flags, part, slot, fold}
  quotes: [], // {id, article, text, kind, sure, speaker, said, flags, fold, n}
  articleById: new Map(),
  quoteById: new Map(),
  texts: new Map(), // part number → promise of its articles, the last used at the end
};

const partElement = (kind, number) =>
  document.querySelector(`script[data-kind="${kind}"][data-number="${Number(number)}"]`);

/** Open a part: base64 of gzip of JSON. */
async function openPart(element) {
  const packed = element.textContent;
  const bytes = Uint8Array.fromBase64
    ? Uint8Array.fromBase64(packed)
    : Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

/** Read head and index, part by part, so that the page answers meanwhile. */
async function loadIndex() {
  store.head = await openPart(partElement("head", 0));
  const parts = document.querySelectorAll('script[data-kind="index"]');
  const names = new Map(); // one string object a name, however many parts name it
  for (const element of parts) {
    addIndexPart(await openPart(element), names);
    element.textContent = ""; // its memory is free again
    await pause();
  }
}

function addIndexPart(part, names) {
  const own = (name) => names.get(name) ?? (names.set(name, name), name);
  const outlets = part.outlets.map(own);
  const speakers = part.speakers.map(own);
  const first = store.articles.length;
  rows(part.articles).forEach((article) => addArticle(article, outlets));
  rows(part.quotes).forEach((quote) => addQuote(quote, store.articles[first + quote.article], speakers));
}

/** Rows of columns. */
function rows(columns) {
  const names = Object.keys(columns);
  return columns[names[0]].map((_, n) => Object.fromEntries(names.map((name) => [name, columns[name][n]])));
}

function addArticle(article, outlets) {
  article.outlet = outlets[article.outlet];
  article.flags = article.flags || [];
  article.own = []; // its quotations
  article.fold = fold(`${article.title || ""}\n${article.outlet}\n${article.authors.join("\n")}`);
  store.articles.push(article);
  store.articleById.set(article.id, article);
}

function addQuote(quote, article, speakers) {
  quote.article = article;
  quote.speaker = quote.speaker < 0 ? null : speakers[quote.speaker];
  quote.kind = KINDS[quote.kind];
  quote.flags = quote.flags || [];
  quote.fold = fold(`${quote.text}\n${quote.speaker || quote.said || ""}`);
  quote.n = article.own.push(quote) - 1;
  store.quotes.push(quote);
  store.quoteById.set(quote.id, quote);
}

/** Promise of an article's text and all that was found in it. */
async function openText(article) {
  const { texts } = store;
  const part =
    texts.get(article.part) ||
    openPart(partElement("text", article.part)).then((found) => found.map(located));
  texts.delete(article.part);
  texts.set(article.part, part);
  if (texts.size > OPEN_TEXTS) texts.delete(texts.keys().next().value);
  return (await part)[article.slot];
}

/** Add `at`: the place in the string of a character that Python counts. */
function located(article) {
  const { text } = article;
  article.at = (offset) => offset;
  if (/[\ud800-\udbff][\udc00-\udfff]/.test(text)) {
    const places = [0];
    for (const character of text) places.push(places.at(-1) + character.length);
    article.at = (offset) => places[Math.min(offset, places.length - 1)];
  }
  article.slice = (start, end) => text.slice(article.at(Math.max(0, start)), article.at(end));
  for (const quote of article.quotes) quote.cueText = quote.cue && article.slice(...quote.cue);
  return article;
}

/** People with what they are quoted with, the most quoted first. */
function people() {
  store.people ||= countPeople();
  return store.people;
}

function countPeople() {
  const found = new Map();
  for (const quote of store.quotes) {
    if (!quote.speaker) continue;
    const person = found.get(quote.speaker) || {
      name: quote.speaker,
      quotes: 0,
      outlets: new Map(),
      articles: new Set(),
    };
    person.quotes += 1;
    person.articles.add(quote.article.id);
    person.outlets.set(quote.article.outlet, (person.outlets.get(quote.article.outlet) || 0) + 1);
    found.set(quote.speaker, person);
  }
  const all = [...found.values()];
  for (const person of all) person.fold = fold(person.name);
  return all.sort(
    (a, b) => b.quotes - a.quotes || b.outlets.size - a.outlets.size || (a.name < b.name ? -1 : 1),
  );
}

/** Outlets of the listed articles, the largest first: [name, articles]. */
function outlets() {
  if (!store.outlets) {
    const found = new Map();
    for (const { outlet } of store.articles) found.set(outlet, (found.get(outlet) || 0) + 1);
    store.outlets = [...found].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  }
  return store.outlets;
}

// The text of an article, cut at the edges of what was found in it, and marked.

const HUES = 8;

/** A colour for each speaker of an article, in the order in which they speak; null: nobody known. */
function speakerHues(article) {
  const hues = new Map();
  for (const quote of article.own) {
    const key = speakerKey(quote);
    if (key !== null && !hues.has(key)) hues.set(key, hues.size % HUES);
  }
  return hues;
}

const speakerKey = (quote) =>
  quote.speaker || (quote.said && !quote.flags.includes("unknown_speaker") ? `“${quote.said}”` : null);
const hueClass = (hues, quote) => {
  const hue = hues.get(speakerKey(quote));
  return hue === undefined ? "hue-none" : `hue-${hue}`;
};

/** All that is marked, as ranges of the string: {start, end, layer, value}. */
function ranges(text) {
  const found = [];
  const add = (layer, value, range) => {
    if (range && range[0] < range[1])
      found.push({ start: text.at(range[0]), end: text.at(range[1]), layer, value });
  };
  text.quotes.forEach((quote, n) => {
    quote.spans.forEach((span) => add("quote", n, span));
    add("cue", n, quote.cue);
    add("speaker", n, quote.speaker);
  });
  text.mentions.forEach(([start, end, entity, type]) => add("name", { entity, type }, [start, end]));
  return found.sort((a, b) => a.start - b.start);
}

/** Pieces of the text between two edges: {start, end, quote, cue, speaker, name}; the innermost of each layer. */
function pieces(text) {
  const marked = ranges(text);
  const edges = new Set([0, text.text.length]);
  for (const { start, end } of marked) edges.add(start).add(end);
  for (const quote of text.quotes) edges.add(quoteEnd(text, quote));
  for (const line of text.text.matchAll(/\n/g)) edges.add(line.index).add(line.index + 1);
  const sorted = [...edges].sort((a, b) => a - b);
  const open = [];
  let next = 0;
  return sorted.slice(0, -1).map((start, n) => {
    while (next < marked.length && marked[next].start <= start) open.push(marked[next++]);
    for (let k = open.length - 1; k >= 0; k -= 1) if (open[k].end <= start) open.splice(k, 1);
    const piece = { start, end: sorted[n + 1] };
    for (const range of open) {
      const other = piece[range.layer];
      if (!other || range.end - range.start < other.end - other.start) piece[range.layer] = range;
    }
    return piece;
  });
}

/** Where a quotation ends, its closing marks included. */
function quoteEnd(text, quote) {
  const end = text.at(quote.spans.at(-1)[1]);
  return end + text.text.slice(end, end + 3).match(/^[”’»"']*/)[0].length;
}

/** Paragraphs with marks: elements, empty lines left out. `note(n)` makes what stands behind quotation n. */
function markedParagraphs(article, text, hues, note) {
  const paragraphs = [[]];
  for (const piece of pieces(text)) {
    if (text.text.slice(piece.start, piece.end) === "\n") paragraphs.push([]);
    else paragraphs.at(-1).push(piece);
  }
  const ends = new Map(text.quotes.map((quote, n) => [n, quoteEnd(text, quote)]));
  const filled = paragraphs.filter((line) =>
    line.some((piece) => text.text.slice(piece.start, piece.end).trim()),
  );
  return filled.map((line) => paragraph(line, { article, text, hues, note, ends }));
}

function paragraph(line, given) {
  const element = h("p", { dir: "auto" });
  let mark = null;
  for (const piece of line) {
    const n = piece.quote ? piece.quote.value : null;
    if (n === null) mark = null;
    else if (!mark || Number(mark.dataset.q) !== n) element.append((mark = quoteMark(n, given)));
    (mark || element).append(pieceNode(piece, given));
    for (const [number, end] of given.ends) {
      if (end === piece.end) {
        element.append(given.note(number));
        given.ends.delete(number);
        mark = null;
      }
    }
  }
  return element;
}

function quoteMark(n, { article, hues }) {
  const quote = article.own[n];
  return h("mark", { class: `q q-${quote.kind} ${hueClass(hues, quote)}`, "data-q": n });
}

/** The text of a piece inside the elements of its layers. */
function pieceNode(piece, { article, text, hues }) {
  let node = document.createTextNode(text.text.slice(piece.start, piece.end));
  if (piece.name) {
    const { entity, type } = piece.name.value;
    const [name, kind, role] = text.entities[entity] || ["", "other", null];
    const title = type === "name" && !role ? kind : `${name}${role ? `, ${role}` : ""} (${kind})`;
    node = h("span", { class: `name name-${type} is-${kind}`, title }, node);
  }
  if (piece.cue) node = h("span", { class: "cue", "data-q": piece.cue.value }, node);
  if (piece.speaker) {
    const n = piece.speaker.value;
    node = h("span", { class: `says ${hueClass(hues, article.own[n])}`, "data-q": n }, node);
  }
  return node;
}

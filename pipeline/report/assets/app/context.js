// A quotation with the words around it, cut out of the article.

const AROUND = 100; // characters before and after

/** The pieces of a quotation in its sentence: [{text, quoted}], in the text's order. */
function contextPieces(text, details) {
  const { spans } = details;
  const pieces = [{ text: before(text, spans[0][0]), quoted: false }];
  spans.forEach(([start, end], n) => {
    pieces.push({ text: text.slice(start, end), quoted: true });
    const next = spans[n + 1];
    if (next) pieces.push({ text: between(text.slice(end, next[0])), quoted: false });
  });
  pieces.push({ text: after(text, spans.at(-1)[1]), quoted: false });
  return pieces.filter((piece) => piece.text);
}

/** Words before, from the start of a word of the same paragraph. */
function before(text, start) {
  const given = text
    .slice(start - AROUND, start)
    .split("\n")
    .at(-1);
  const cut = start > AROUND && given.length >= AROUND;
  return cut ? `… ${given.replace(/^\S*\s/, "")}` : given;
}

function after(text, end) {
  const given = text.slice(end, end + AROUND).split("\n")[0];
  return given.length >= AROUND ? `${given.replace(/\s\S*$/, "")} …` : given;
}

const between = (given) =>
  (given.length > 3 * AROUND ? `${given.slice(0, AROUND)} … ` : given).replace(/\s*\n\s*/g, " ¶ ");

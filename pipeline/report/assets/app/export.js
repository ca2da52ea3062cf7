// One quotation with its context, for citing: the record that `newsbeam export` writes, too.

const FORMULA_SIGNS = "=+-@＝＋－＠\t\r\n";

async function exportRecord(quote) {
  const { article } = quote;
  const text = await openText(article);
  const details = text.quotes[quote.n];
  const { spans } = details;
  const start = spans[0][0];
  const end = spans.at(-1)[1];
  const values = {
    quote_id: details.id,
    quotation: quote.text,
    quote_type: quote.kind,
    speaker: quote.speaker,
    speaker_text: quote.said,
    cue: details.cueText,
    confidence: details.confidence,
    flags: quote.flags,
    context_before: text.slice(start - AROUND, start),
    context_after: text.slice(end, end + AROUND),
    spans,
    char_start: start,
    char_end: end,
    article_id: text.id,
    revision: text.revision,
    title: article.title,
    authors: article.authors,
    outlet: article.outlet,
    published:
      article.published === null ? null : new Date(article.published).toISOString().replace(/\.\d+Z$/, "Z"),
    url: article.url,
    content_hash: text.hash,
    model_version: text.model,
  };
  values.citation = citation(values);
  return Object.fromEntries(store.head.export.map((name) => [name, values[name]]));
}

function citation(record) {
  const speaker = record.speaker || record.speaker_text || "unknown speaker";
  const title = record.title ? `“${record.title}”` : null;
  const published = (record.published || "").slice(0, 10);
  const where = [title, record.outlet, published, record.url].filter(Boolean).join(", ");
  const place = `newsbeam quotation ${record.quote_id}, characters ${record.char_start} to ${record.char_end} of revision ${record.revision}`;
  return `${speaker}: “${record.quotation}” In: ${where} (${place}).`;
}

/** CSV (RFC 4180) of one record that no spreadsheet takes for formulas. */
function asCsv(record) {
  const lines = [Object.keys(record), Object.values(record).map(cell)];
  const written = lines.map((line) =>
    line.map((text) => `"${safeCell(text).replaceAll('"', '""')}"`).join(","),
  );
  return written.join("\r\n") + "\r\n";
}

function cell(value) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value))
    return value.map((item) => (Array.isArray(item) ? item.join("-") : item)).join("; ");
  return String(value);
}

function safeCell(text) {
  const begins = text.replace(/^[ \u00a0\ufeff]+/, "").slice(0, 1);
  return begins && FORMULA_SIGNS.includes(begins) ? `'${text}` : text;
}

/** Give the person a file. */
function download(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

async function downloadQuote(quote, format) {
  const record = await exportRecord(quote);
  const name = `quotation-${quote.id}.${format}`;
  if (format === "csv") download(name, "text/csv", `\ufeff${asCsv(record)}`);
  else download(name, "application/json", `${JSON.stringify([record], null, 2)}\n`);
}

/** Show the citation below a button, marked, and put it on the clipboard where that is allowed. */
async function cite(quote, place) {
  const text = (await exportRecord(quote)).citation;
  const shown = foreign(text, "p", { class: "citation" });
  place.replaceChildren(shown);
  document.getSelection().selectAllChildren(shown);
  try {
    await navigator.clipboard.writeText(text);
    announce("The citation is on the clipboard.");
  } catch {
    announce("The citation is marked; copy it.");
  }
}

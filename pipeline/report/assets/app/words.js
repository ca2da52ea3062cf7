// Numbers, days and the names of things, as people write them.

const KINDS = ["direct", "mixed", "indirect"];
const KIND_WORDS = {
  direct: "whole sentence in quotation marks",
  mixed: "quoted fragment in another sentence",
  indirect: "reported without quotation marks",
};
const FLAG_WORDS = {
  unnamed_speaker: "the article does not name the speaker",
  unknown_speaker: "it cannot be told who speaks",
  negated: "said not to have been said",
  hypothetical: "not said, but might be",
  scare_quote: "words at arm’s length, nobody’s quotation",
  truncation_suspected: "text seems cut",
  paywall_suspected: "behind a paywall",
  is_copy: "agency copy, or printed before",
};

const formatted = (options) => {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
  return (time) => (time === null || time === undefined ? "undated" : format.format(new Date(time)));
};
const day = formatted({ day: "numeric", month: "long", year: "numeric" });
const shortDay = formatted({ day: "numeric", month: "short", year: "numeric" });
const minute = formatted({
  day: "numeric",
  month: "long",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});
const isoDay = (time) => new Date(time).toISOString().slice(0, 10);

const number = (value) => value.toLocaleString("en");
const count = (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;
const percent = (share) => `${Math.round(share * 100)}%`;
const words = (name) => FLAG_WORDS[name] || String(name).replaceAll("_", " ");

/** "a, b and c" */
function listed(items) {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** A span of time in words: "3 hours". */
function ago(milliseconds) {
  const minutes = Math.max(0, Math.round(milliseconds / 60000));
  if (minutes < 90) return count(minutes, "minute");
  if (minutes < 48 * 60) return count(Math.round(minutes / 60), "hour");
  return count(Math.round(minutes / 1440), "day");
}

/** Text for searching: lower case, without accents and typographic quotation marks. */
const fold = (text) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[‘’]/g, "'").replace(/[“”]/g, '"').toLowerCase();

/** Who speaks, in words, for a quotation of the index. */
function speakerWords(quote) {
  if (quote.speaker) return quote.speaker;
  const known = quote.said && !quote.flags.includes("unknown_speaker");
  return known ? `“${quote.said}”, not named` : `unknown speaker${quote.said ? ` (“${quote.said}”)` : ""}`;
}

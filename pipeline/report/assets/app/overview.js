// The first page: how much came in, from whom, who is quoted most and by whom, what is new, what is broken.

function overviewView() {
  const { facts } = store.head;
  const element = h(
    "section",
    { class: "view overview" },
    opening(facts),
    trouble(facts),
    quotedMost(facts),
    fresh(facts),
    cameIn(facts),
    howSure(facts),
  );
  return { element, title: () => "Overview", route: () => requestAnimationFrame(drawCharts) };
}

function opening({ totals, run, outlets }) {
  const from = totals.outlets === 1 ? "one outlet" : `${number(totals.outlets)} outlets`;
  const listed =
    store.head.limit < totals.quotations
      ? ` This page lists the newest ${number(store.head.limit)} quotations; the numbers count all.`
      : "";
  const { days } = store.head;
  const recent = days ? ` Only articles of the last ${count(days, "day")} are counted.` : "";
  return h(
    "div",
    { class: "opening" },
    h("p", { class: "kicker" }, `Last run ${minute(run.started)} UTC`),
    h(
      "h1",
      { tabindex: "-1" },
      `${count(totals.articles, "article")} from ${from}, `,
      here({ view: "quotes" }, count(totals.quotations, "quotation")),
      " of ",
      here({ view: "people" }, count(totals.people, "named speaker")),
    ),
    h(
      "p",
      { class: "lead" },
      most(outlets),
      ` ${sharePhrase(totals)} ${count(totals.runs, "run")} over ${count(totals.feeds, "feed")} since ${day(totals.first_run)}.${recent}${listed}`,
    ),
  );
}

/** "Most came from A (13), B (11) and C (9)." */
function most(outlets) {
  const named = outlets.slice(0, 3).map((row) => `${row.outlet} (${number(row.articles)})`);
  return foreign(named.length ? `Most came from ${listed(named)}.` : "", "bdi");
}

function sharePhrase({ attributed, quotations }) {
  if (!quotations) return "No quotation was found yet.";
  return `${percent(attributed / quotations)} of the quotations have a named speaker; the others are left open rather than guessed.`;
}

/** What is broken, in a sentence a fault; or that nothing is. */
function trouble(facts) {
  const { failed, partly } = feedStates(facts.feeds);
  const failures = facts.failures.reduce((sum, row) => sum + row.failures, 0);
  const faults = [
    failed.length ? `${failed.length} of ${count(facts.feeds.length, "feed")} cannot be read` : null,
    partly.length ? `${count(partly.length, "feed")} ${partly.length === 1 ? "is" : "are"} malformed` : null,
    failures ? `${count(failures, "element")} failed in the last run` : null,
    alertPhrase(facts.alerts, "feed_silent", "feed", "silent for longer than usual"),
    alertPhrase(facts.alerts, "no_quotations", "outlet", "without the quotations it used to have"),
  ].filter(Boolean);
  const unread = facts.unannotated.articles;
  const aside = unread
    ? ` ${count(unread, "article")} in ${count(facts.unannotated.languages, "language")} without a model ${unread === 1 ? "is" : "are"} stored, but not searched for quotations.`
    : "";
  if (!faults.length)
    return h(
      "div",
      { class: "notice good" },
      h("h2", {}, "Nothing is broken"),
      h("p", {}, `All feeds answered, and nothing failed in the last run.${aside}`),
    );
  return h(
    "div",
    { class: "notice bad" },
    h("h2", {}, "What is broken"),
    h("p", {}, `${sentence(listed(faults))}.${aside} `, here({ view: "health" }, "See which")),
  );
}

function alertPhrase(alerts, rule, noun, what) {
  const found = alerts.filter((alert) => alert.rule === rule).length;
  return found ? `${count(found, noun)} ${found === 1 ? "is" : "are"} ${what}` : null;
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function fresh(facts) {
  const { new: latest, new_articles: articles, new_people: people } = facts;
  const all = latest.articles === latest.all_articles && latest.articles > 0;
  const note = all
    ? "This is the warehouse’s first day: everything is new."
    : `${count(latest.articles, "article")} and ${count(latest.quotations, "quotation")} came in.`;
  const lines = articles.map((row) => store.articleById.get(row.id.slice(0, 16))).filter(Boolean);
  return h(
    "div",
    { class: "fresh" },
    h("h2", {}, `New on ${day(Date.parse(latest.day))}`),
    h("p", { class: "lead" }, note),
    h(
      "div",
      { class: "halves" },
      h(
        "div",
        {},
        h("h3", { class: "count-line" }, "Newest articles", h("span", { class: "unit" }, "quotations")),
        lines.length
          ? h(
              "ul",
              { class: "plain" },
              lines.map((article) => h("li", {}, articleRow(article))),
            )
          : h("p", { class: "empty" }, "No new article."),
      ),
      h(
        "div",
        {},
        h(
          "h3",
          { class: "count-line" },
          "Quoted for the first time",
          h("span", { class: "unit" }, "quotations"),
        ),
        people.length
          ? h("ul", { class: "plain" }, people.map(newPerson))
          : h("p", { class: "empty" }, "Nobody new."),
      ),
    ),
  );
}

const newPerson = (row) =>
  h(
    "li",
    {},
    h(
      "div",
      { class: "row person-row" },
      h("a", { class: "speaker", href: hash({ speaker: row.speaker }) }, foreign(row.speaker)),
      h("p", { class: "source" }, count(row.outlets, "outlet")),
      h("b", { class: "amount" }, number(row.quotations), h("span", { class: "unseen" }, " quotations")),
    ),
  );

function quotedMost({ people }) {
  const first = people[0];
  const by = people.filter((row) => first && row.speaker === first.speaker);
  const caption = first
    ? `${first.speaker} is quoted most: ${count(first.total, "quotation")}, by ${listed(by.map((row) => `${row.outlet} (${row.quotations})`))}. Click a bar for the quotations.`
    : "Nobody is quoted by name yet.";
  return chartFigure({
    name: "people",
    title: "Who is quoted most, and by whom",
    caption,
    rows: people,
    head: ["Speaker", "Outlet", "Quotations", "Articles"],
    line: (row) => [
      here({ speaker: row.speaker }, foreign(row.speaker)),
      foreign(row.outlet),
      row.quotations,
      row.articles,
    ],
    pick: (row) => row.speaker && (location.hash = hash({ speaker: row.speaker })),
  });
}

function cameIn({ outlets, days }) {
  const top = outlets.slice(0, 12);
  const rest = outlets.length - top.length;
  const first = top[0];
  const outletCaption = first
    ? `${first.outlet} brought most: ${count(first.articles, "article")} with ${count(first.quotations, "quotation")}.${rest ? ` ${count(rest, "smaller outlet")} not drawn.` : ""}`
    : "No article came in yet.";
  return h(
    "div",
    { class: "halves" },
    chartFigure({
      name: "outlets",
      title: "Where it came from",
      caption: outletCaption,
      rows: top,
      head: ["Outlet", "Articles", "Quotations"],
      line: (row) => [
        here({ view: "quotes", outlet: row.outlet }, foreign(row.outlet)),
        row.articles,
        row.quotations,
      ],
      pick: (row) => row.outlet && (location.hash = hash({ view: "quotes", outlet: row.outlet })),
    }),
    chartFigure({
      name: "days",
      title: "When it was published",
      caption: daysCaption(days),
      rows: days,
      head: ["Day", "Outlet", "Articles"],
      line: (row) => [day(Date.parse(row.day)), foreign(row.outlet), row.articles],
    }),
  );
}

function daysCaption(days) {
  if (!days.length) return "No article has a day yet.";
  const perDay = new Map();
  for (const row of days) perDay.set(row.day, (perDay.get(row.day) || 0) + row.articles);
  const [best, most] = [...perDay].sort((a, b) => b[1] - a[1])[0];
  const total = [...perDay.values()].reduce((sum, n) => sum + n, 0);
  return `${count(total, "article")} from ${day(Date.parse(days[0].day))} to ${day(Date.parse(days.at(-1).day))}; most on ${day(Date.parse(best))}: ${number(most)}.`;
}

function howSure({ certainty, totals }) {
  const sure = certainty.filter((row) => row.tenth === 9).reduce((sum, row) => sum + row.quotations, 0);
  const caption = totals.quotations
    ? `${percent(sure / totals.quotations)} of the quotations have a confidence of 90% or more. Confidence is calibrated: of ten attributions at 90%, about nine are right.`
    : "No quotation was found yet.";
  return chartFigure({
    name: "certainty",
    title: "How sure the attributions are",
    caption,
    rows: certainty,
    head: ["Kind", "Confidence", "Quotations"],
    line: (row) => [row.kind, `${row.tenth * 10}% to ${row.tenth * 10 + 10}%`, row.quotations],
  });
}

// What is broken: feeds and failures, with what to do.

const GOOD = new Set(["ok", "not_modified"]);

/** Feeds that cannot be read, that are read in part, and the others. */
function feedStates(feeds) {
  const partly = feeds.filter((feed) => feed.outcome === "malformed");
  const good = feeds.filter((feed) => GOOD.has(feed.outcome));
  const failed = feeds.filter((feed) => !GOOD.has(feed.outcome) && feed.outcome !== "malformed");
  return { failed, partly, good };
}

function healthView() {
  const { facts } = store.head;
  const { failed, partly, good } = feedStates(facts.feeds);
  const element = h(
    "section",
    { class: "view health" },
    h("div", { class: "view-head" }, h("h1", { tabindex: "-1" }, "Health")),
    h("h2", {}, "Feeds"),
    h(
      "p",
      { class: "lead" },
      `${number(good.length)} of ${count(facts.feeds.length, "feed")} answered well when they were last asked.`,
    ),
    [...failed, ...partly].map((feed) => feedRow(feed, facts.run)),
    facts.alerts.map(alertRow),
    good.length
      ? h(
          "details",
          { open: !failed.length && !partly.length },
          h("summary", {}, count(good.length, "feed that works", "feeds that work")),
          feedTable(good),
        )
      : null,
    h("h2", {}, "Failures of the last run"),
    facts.failures.length ? failureTable(facts.failures) : h("p", { class: "empty" }, "Nothing failed."),
    h("h2", {}, "The last run"),
    runTable(facts),
  );
  return { element, title: () => "Health", route: () => {} };
}

/** A feed that is silent, or an outlet that lost its quotations. */
function alertRow({ subject, message }) {
  const name = h("p", { class: "feed-name" }, webLink(subject, foreign(subject)) || foreign(subject));
  return h("div", { class: "feed partly" }, name, foreign(sentence(message), "p", { class: "feed-error" }));
}

function feedRow(feed, run) {
  const seen =
    feed.worked === null
      ? "never worked so far"
      : `worked last ${ago(run.started - feed.worked)} before the last run`;
  const left = feed.articles ? `${count(feed.articles, "article")} came from it` : "no article came from it";
  return h(
    "div",
    { class: `feed ${feed.outcome === "malformed" ? "partly" : "failed"}` },
    h(
      "p",
      { class: "feed-name" },
      h("span", { class: "outcome" }, words(feed.outcome)),
      webLink(feed.feed, foreign(feed.feed)) || foreign(feed.feed),
    ),
    feed.error ? foreign(sentence(feed.error), "p", { class: "feed-error" }) : null,
    h(
      "p",
      { class: "source" },
      h("span", {}, feed.outcome === "malformed" ? "read in part" : seen),
      h("span", {}, left),
    ),
  );
}

function feedTable(feeds) {
  const line = (feed) => [
    webLink(feed.feed, foreign(feed.feed)) || foreign(feed.feed),
    feed.outlet ? foreign(feed.outlet) : "–",
    feed.gave_new === null ? "never" : shortDay(feed.gave_new),
    feed.entries_new,
    feed.articles,
  ];
  return table(
    "Feeds that work",
    ["Feed", "Outlet", "Last new entry", "New entries", "Articles"],
    feeds.map(line),
  );
}

function failureTable(failures) {
  const line = (row) => [
    `${words(row.stage)}: ${words(row.error_class)}`,
    row.failures,
    h(
      "div",
      {},
      webLink(row.example, foreign(row.example)) || foreign(row.example),
      foreign(row.message, "p", { class: "feed-error" }),
    ),
  ];
  return table("Failures of the last run", ["What", "How often", "For example"], failures.map(line));
}

function runTable({ run, totals }) {
  const lines = [
    ["Run", foreign(run.run_id)],
    ["Started", `${minute(run.started)} UTC`],
    ["Took", `${number(Math.round((run.finished - run.started) / 100) / 10)} seconds`],
    ["Exit status", String(run.exit_status)],
    ["newsbeam", run.pipeline_version],
    ["Language model", run.model_version || "none"],
    ["Runs in this warehouse", number(totals.runs)],
  ];
  return h(
    "dl",
    { class: "facts" },
    lines.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
  );
}

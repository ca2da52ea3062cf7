// Charts: Vega-Lite draws them in the colours of the page; a caption and a table say the same.

const OTHER = "other outlets"; // as the counts name them
const drawnCharts = [];

/** A figure: title, chart, caption in words, and the table behind it. */
function chartFigure({ name, title, caption, rows: data, head, line, pick }) {
  const place = h("div", { class: "chart", "data-chart": name, role: "img", "aria-label": caption });
  const figure = h(
    "figure",
    { class: "figure", id: `chart-${name}` },
    h("h2", {}, title),
    data.length ? place : null,
    h("figcaption", {}, caption),
    data.length
      ? h("details", {}, h("summary", {}, "Show the numbers"), table(caption, head, data.map(line)))
      : null,
  );
  if (data.length && window.vegaEmbed) drawnCharts.push({ name, place, data, pick, width: 0 });
  return figure;
}

/** A table; cells that are numbers stand under each other. */
function table(caption, head, lines) {
  const cell = (value) =>
    h(
      "td",
      { class: typeof value === "number" ? "num" : null },
      typeof value === "number" ? number(value) : value,
    );
  return h(
    "div",
    { class: "table", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", { class: "unseen" }, caption),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          head.map((name, n) =>
            h("th", { scope: "col", class: typeof lines[0][n] === "number" ? "num" : null }, name),
          ),
        ),
      ),
      h(
        "tbody",
        {},
        lines.map((line) => h("tr", {}, line.map(cell))),
      ),
    ),
  );
}

/** Draw all charts that can be seen; again when colours or the width change. */
async function drawCharts() {
  for (const chart of drawnCharts) {
    if (!chart.place.clientWidth) continue;
    const look = `${chart.place.clientWidth} ${colour("--ink")}`;
    if (chart.look === look) continue;
    chart.look = look;
    await drawChart(chart).catch(() => showNumbers(chart));
    await pause();
  }
}

/** Where a chart cannot be drawn, its table stands open. */
function showNumbers({ place }) {
  place.closest("figure").querySelector("details").open = true;
  place.remove();
}

/** Vega keeps groups in plain objects: a name that these have by nature gets an unseen sign before it. */
const VEGA_SIGN = "\u200b";
const vegaName = (value) => (typeof value === "string" && value in {} ? VEGA_SIGN + value : value);
const vegaRow = (row) =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, vegaName(value)]));
const ownRow = (row) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === "string" ? value.replace(VEGA_SIGN, "") : value,
    ]),
  );

async function drawChart({ name, place, data: given, pick }) {
  const data = given.map(vegaRow);
  const narrow = place.clientWidth < 480;
  const spec = coloured(
    {
      ...store.head.charts[name],
      datasets: { [name]: data },
      autosize: { type: "fit-x", contains: "padding" },
    },
    data,
  );
  const { view } = await window.vegaEmbed(place, spec, {
    ast: true, // expressions are interpreted: the page's policy forbids to compile them
    renderer: "svg",
    actions: false,
    defaultStyle: false,
    tooltip: showTip,
    config: chartConfig(narrow),
  });
  place.querySelector("svg").setAttribute("aria-hidden", "true"); // the caption and the table say it
  if (pick) view.addEventListener("click", (_, item) => item && item.datum && pick(ownRow(item.datum)));
}

const outletHues = new Map(); // outlet → number of its colour, the same in all charts

/** Give outlets their colours; those that share the name "other outlets" are grey. */
function coloured(spec, data) {
  if (spec.encoding.color.field !== "outlet") return spec;
  const shown = [...new Set(data.map((row) => row.outlet))].filter((name) => name !== OTHER);
  const used = new Set(shown.map((name) => outletHues.get(name)));
  for (const name of shown.filter((one) => !outletHues.has(one))) {
    const free = Array.from({ length: HUES }, (_, n) => n).find((n) => !used.has(n)) ?? 0;
    outletHues.set(name, free);
    used.add(free);
  }
  const range = shown.map((name) => colour(`--hue-${outletHues.get(name)}`));
  const scale = { domain: [...shown, OTHER], range: [...range, colour("--hue-none")] };
  if (!data.some((row) => row.outlet === OTHER)) (scale.domain.pop(), scale.range.pop());
  return { ...spec, encoding: { ...spec.encoding, color: { ...spec.encoding.color, scale } } };
}

function chartConfig(narrow) {
  const ink = colour("--ink-2");
  const font = getComputedStyle(document.body).fontFamily;
  return {
    aria: false,
    background: "transparent",
    font,
    view: { stroke: null },
    range: { category: Array.from({ length: 8 }, (_, n) => colour(`--hue-${n}`)) },
    axis: {
      labelColor: ink,
      titleColor: ink,
      gridColor: colour("--line"),
      domainColor: colour("--line"),
      tickColor: colour("--line"),
      labelFontSize: 12,
      titleFontSize: 12,
      titleFontWeight: "normal",
      labelLimit: narrow ? 120 : 200,
    },
    axisY: { domain: false, ticks: false },
    axisX: { labelOverlap: true },
    legend: {
      labelColor: ink,
      labelFontSize: 12,
      symbolType: "square",
      columns: narrow ? 1 : 4,
      labelLimit: narrow ? 260 : 180,
    },
  };
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** What a mark stands for, beside the pointer. */
function showTip(_, event, __, value) {
  if (!value) return hideCard();
  const lines = Object.entries(value).flatMap(([name, given]) => [
    h("dt", {}, name),
    h("dd", {}, foreign(String(given))),
  ]);
  return showCard([h("dl", { class: "tip" }, lines)], new DOMRect(event.clientX, event.clientY, 1, 1));
}

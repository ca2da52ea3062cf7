"""The charts of the overview as Vega-Lite, and the library that draws them in the page.

A specification names its data (`people`, `days` …: the rows of `facts`) and no colours: the page
adds both, because it knows whether it is shown light or dark.
"""

from typing import Any

from schemas.errors import UsageError

OUTLETS_SHOWN = 12


def chart_specs() -> dict[str, dict[str, Any]]:
    """Return the Vega-Lite specification of each chart; raises UsageError without Altair."""
    try:
        import altair
    except ModuleNotFoundError:
        raise UsageError("charts need Altair: pip install 'newsbeam[report]'") from None
    makers = {
        "days": _days,
        "outlets": _outlets,
        "people": _people,
        "certainty": _certainty,
    }
    return {name: _spec(make(altair, altair.NamedData(name))) for name, make in makers.items()}


def chart_library() -> str:
    """Return the JavaScript of Vega, Vega-Lite and their embedder, as one script.

    It comes out of the Python package; no network is asked. Vega's expressions are interpreted,
    not compiled, so that the page needs no right to make code out of text.
    """
    try:
        import vl_convert
    except ModuleNotFoundError:
        raise UsageError("charts need vl-convert: pip install 'newsbeam[report]'") from None
    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return f"(function () {{{bundle}\n}})();"


def _spec(chart: Any) -> dict[str, Any]:
    spec: dict[str, Any] = chart.properties(width="container").to_dict()
    spec.pop("config", None)
    return spec


def _days(alt: Any, data: Any) -> Any:
    return (
        alt.Chart(data, description="Articles by day of publication, coloured by outlet")
        .mark_bar()
        .encode(
            x=alt.X(
                "day:T", timeUnit="utcyearmonthdate", title=None, axis=alt.Axis(format="%-d %b")
            ),
            y=alt.Y("articles:Q", title="articles", axis=alt.Axis(tickMinStep=1, tickCount=6)),
            color=_outlet_colour(alt),
            tooltip=[
                alt.Tooltip("day:T", timeUnit="utcyearmonthdate", format="%-d %B %Y", title="day"),
                alt.Tooltip("outlet:N"),
                alt.Tooltip("articles:Q"),
            ],
        )
        .properties(height=220)
    )


def _outlets(alt: Any, data: Any) -> Any:
    return (
        alt.Chart(data, description="Articles and quotations of each outlet")
        .transform_fold(["articles", "quotations"], as_=["what", "count"])
        .mark_bar()
        .encode(
            y=alt.Y("outlet:N", sort=None, title=None),
            yOffset=alt.YOffset("what:N"),
            x=alt.X("count:Q", title=None, axis=alt.Axis(tickMinStep=1, tickCount=6)),
            color=alt.Color("what:N", title=None, legend=alt.Legend(orient="top")),
            tooltip=[alt.Tooltip("outlet:N"), alt.Tooltip("what:N"), alt.Tooltip("count:Q")],
        )
        .properties(height=alt.Step(11))
    )


def _people(alt: Any, data: Any) -> Any:
    return (
        alt.Chart(data, description="Quotations of the most quoted, coloured by outlet")
        .mark_bar(cursor="pointer")
        .encode(
            y=alt.Y("speaker:N", sort=None, title=None),
            x=alt.X("quotations:Q", title="quotations", axis=alt.Axis(tickMinStep=1, tickCount=6)),
            color=_outlet_colour(alt),
            order=alt.Order("quotations:Q", sort="descending"),
            tooltip=[
                alt.Tooltip("speaker:N"),
                alt.Tooltip("outlet:N"),
                alt.Tooltip("quotations:Q"),
                alt.Tooltip("articles:Q"),
            ],
        )
        .properties(height=alt.Step(24))
    )


def _certainty(alt: Any, data: Any) -> Any:
    return (
        alt.Chart(data, description="Quotations by confidence, coloured by kind")
        .transform_calculate(low="datum.tenth / 10", high="(datum.tenth + 1) / 10")
        .mark_bar()
        .encode(
            x=alt.X(
                "low:Q",
                bin="binned",
                title="confidence of the attribution",
                axis=alt.Axis(format=".0%", values=[0, 0.2, 0.4, 0.6, 0.8, 1]),
                scale=alt.Scale(domain=[0, 1]),
            ),
            x2="high:Q",
            y=alt.Y("quotations:Q", title="quotations", axis=alt.Axis(tickMinStep=1, tickCount=6)),
            color=alt.Color("kind:N", title=None, legend=alt.Legend(orient="top")),
            tooltip=[
                alt.Tooltip("low:Q", format=".0%", title="from"),
                alt.Tooltip("high:Q", format=".0%", title="to"),
                alt.Tooltip("kind:N"),
                alt.Tooltip("quotations:Q"),
            ],
        )
        .properties(height=220)
    )


def _outlet_colour(alt: Any) -> Any:
    legend = alt.Legend(orient="top")
    return alt.Color("outlet:N", title=None, legend=legend, sort=None)

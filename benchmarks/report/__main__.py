"""The page of `newsbeam report` for large warehouses: time to make, to open, to search in it.

    python -m benchmarks.report [--quotations 5000 50000]

Making is a process of its own: wall and CPU time, largest resident set. Opening and searching are
timed in headless Chromium: until all is read, and from a key to the list; `blocked_ms` is the
longest time in which the page did not answer meanwhile.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.report.warehouse import make_warehouse
from benchmarks.table import print_table

BROWSER = "/usr/bin/chromium"
MAKE = "import sys; from pipeline.report.build import write_report; write_report(*sys.argv[1:])"
WATCH = """
window.blocked = 0;
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) window.blocked = Math.max(window.blocked, task.duration);
}).observe({ type: "longtask", buffered: true });
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quotations", type=int, nargs="+", default=[5_000, 50_000])
    arguments = parser.parse_args()
    header = (
        "what quotations make_s cpu_s peak_MB page_MB open_s blocked_ms search_ms blocked_ms rows"
    )
    print_table(header.split(), [measure(number) for number in arguments.quotations])


def measure(quotations: int) -> list[str]:
    """Make, open and search one page."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse, page = Path(folder) / "made-up", Path(folder) / "report.html"
        make_warehouse(warehouse, quotations)
        begun = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-c", MAKE, str(warehouse), str(page)])
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            sys.exit("the page could not be made")
        wall = time.perf_counter() - begun
        cpu = usage.ru_utime + usage.ru_stime
        made = [
            f"{wall:.1f}",
            f"{cpu:.1f}",
            f"{usage.ru_maxrss / 1024:.0f}",
            f"{page.stat().st_size / 1e6:.1f}",
        ]
        return ["report", str(quotations), *made, *look(page, quotations)]


def look(page: Path, quotations: int) -> list[str]:
    """Open the page in a browser and search in it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.add_init_script(WATCH)
        begun = time.perf_counter()
        tab.goto(page.as_uri() + "#view=quotes")
        tab.wait_for_selector("html[data-ready]", timeout=120_000)
        opened = time.perf_counter() - begun
        blocked = tab.evaluate("window.blocked")
        tab.evaluate("window.blocked = 0")
        begun = time.perf_counter()
        tab.locator("#q").fill("kalo ter")
        tab.wait_for_selector(f".rows:not([data-found='{quotations}'])")
        searched = (time.perf_counter() - begun) * 1000
        tab.wait_for_timeout(500)
        again = tab.evaluate("window.blocked")
        rows = tab.locator("[role=listitem]").count()
        browser.close()
    return [f"{opened:.1f}", f"{blocked:.0f}", f"{searched:.0f}", f"{again:.0f}", str(rows)]


if __name__ == "__main__":
    main()

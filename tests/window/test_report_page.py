"""The report in a browser: nothing is fetched, nothing overflows, nothing fails, and it prints."""

from __future__ import annotations

import functools
import http.server
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis import report
from analysis.dataset import load
from analysis.results import summary

pytestmark = pytest.mark.slow
EXAMPLE = Path(__file__).parents[2] / "data" / "example"

MEASURE = """
<script>
addEventListener("load", () => {
  const page = document.documentElement;
  const outside = [...document.querySelectorAll("main > *, figure, p, h1, h2, h3, .table")]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1).length;
  const text = [...document.querySelectorAll("p:not(.banner)")].map(e => e.getBoundingClientRect().width);
  document.title = JSON.stringify({
    inner: innerWidth, scroll: page.scrollWidth, outside, widest: Math.max(...text),
    fetched: performance.getEntriesByType("resource").map(e => e.name),
    figures: [...document.querySelectorAll("figure svg")].map(e => e.getBoundingClientRect().width),
  });
});
</script>
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the example, as it is written."""
    data = load(EXAMPLE)
    file = tmp_path_factory.mktemp("report") / "report.html"
    report.write(data, summary(data), file)
    return file


def chromium(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the browser without a network; where nobody could install one, the test is skipped and says so."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None and not sys.platform.startswith("linux"):
        pytest.skip("Chromium is not on the search path of this system")
    assert found is not None, "the test of the report needs Chromium"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr"]
    options += [
        f"--user-data-dir={tmp_path / 'browser'}",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ]
    return subprocess.run(
        [found, *options, *words], capture_output=True, text=True, encoding="utf-8", timeout=180, check=True
    )


def test_the_page_needs_nothing_but_itself(page: Path) -> None:
    """No address on it leads anywhere but into itself, and its own policy forbids to fetch."""
    text = page.read_text(encoding="utf-8")
    addresses = re.findall(r'(?:src|href)="([^"]*)"|url\(([^)]*)\)', text)
    assert {each[:1] for pair in addresses for each in pair if each and each != "data:,"} <= {"#"}
    assert "@import" not in text
    assert "default-src 'none'" in text


@pytest.mark.parametrize("width", [1280, 800])
def test_nothing_overflows_and_nothing_is_fetched(width: int, page: Path, tmp_path: Path) -> None:
    """Measured in the browser, at the width of a laptop and of half a screen."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    copy = tmp_path / "measured.html"
    copy.write_text(text.replace("</body>", f"{MEASURE}</body>"), encoding="utf-8")
    done = chromium(tmp_path, f"--window-size={width},900", "--dump-dom", copy.as_uri())
    title = re.search(r"<title>(\{.*?\})</title>", done.stdout)
    assert title is not None
    found = json.loads(title[1])
    assert found["inner"] == width
    assert found["scroll"] <= width
    assert found["outside"] == 0
    assert found["fetched"] == []
    assert found["figures"]
    assert max(found["figures"]) <= width
    assert found["widest"] <= 720, "lines of about 75 letters"


def test_the_browser_has_nothing_to_complain_of(page: Path, tmp_path: Path) -> None:
    """No line on the console, the page's own policy at work."""
    done = chromium(tmp_path, "--dump-dom", page.as_uri())
    assert "<h1>" in done.stdout
    assert "CONSOLE" not in done.stderr


class Counting(http.server.SimpleHTTPRequestHandler):
    """A server that remembers what it was asked for."""

    asked: list[str] = []  # noqa: RUF012 - one server in this file

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Remember the path."""
        del code, size
        self.asked.append(self.path)


@pytest.fixture
def server(page: Path) -> Iterator[str]:
    """Serve the folder of the page on this computer."""
    handler = functools.partial(Counting, directory=str(page.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_address[1]}/{page.name}"
        serving.shutdown()


def test_a_server_is_asked_for_the_page_alone(server: str, page: Path, tmp_path: Path) -> None:
    """Not even for an icon."""
    Counting.asked.clear()
    chromium(tmp_path, "--dump-dom", server)
    assert Counting.asked == [f"/{page.name}"]


def test_it_prints_on_several_sheets_with_every_figure_whole(page: Path, tmp_path: Path) -> None:
    """Figures may not be broken over sheets, and are no higher than one."""
    sheet = tmp_path / "report.pdf"
    chromium(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={sheet}", page.as_uri())
    content = sheet.read_bytes()
    assert content.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) > 1
    style = page.read_text(encoding="utf-8").partition("@media print")[2].partition("</style>")[0]
    assert re.search(r"figure \{ break-inside: avoid; \}", style)
    assert re.search(r"figure svg \{ max-height: 200mm;", style)

"""The README must not promise other numbers than the bundles hold."""

from pathlib import Path

from ser_core.bundles.store import MODELS_DIR
from train.publish.report import report

README = Path(__file__).parents[1] / "README.md"


def test_the_scores_in_the_readme_are_those_of_the_bundles():
    text = README.read_text(encoding="utf-8")
    shown = text.partition("<!-- scores -->\n")[2].partition("\n<!-- /scores -->")[0]
    assert shown == report(MODELS_DIR, markdown=True)


def test_what_the_readme_shows_exists():
    text = README.read_text(encoding="utf-8")
    for target in ("docs/live-demo.png", "ser_core/data/NOTICE.md", "LICENSE", "CONTRIBUTING.md"):
        assert f"({target})" in text
        assert (README.parent / target).is_file()

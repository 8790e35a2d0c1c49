"""The README must not promise other numbers than the bundles hold."""

import re
from pathlib import Path

from ser_core.bundles.store import models_dir
from train.publish.report import report

README = Path(__file__).parents[1] / "README.md"


def test_the_scores_in_the_readme_are_those_of_the_bundles():
    text = README.read_text(encoding="utf-8")
    shown = text.partition("<!-- scores -->\n")[2].partition("\n<!-- /scores -->")[0]
    assert shown == report(models_dir(), markdown=True)


def test_what_the_texts_point_at_exists():
    for page in (README, README.with_name("CONTRIBUTING.md")):
        targets = re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text(encoding="utf-8"))
        assert targets
        assert [t for t in targets if not (page.parent / t).exists()] == []

"""How models do on recordings made elsewhere, alone and after more of the same voice."""

import pandas as pd

from pages.shared.comparison import models_view
from pages.shared.ui import components, style, wording
from pages.shared.ui.terms import explained
from ser_core.bundles.metrics import OtherRecordings
from ser_core.bundles.store import Bundle
from ser_core.corpora.registry import get
from ser_core.formatting import percent
from ser_core.plots.comparison.elsewhere import Elsewhere, elsewhere_rows


def draw(view: models_view.View) -> None:
    """Draw the section.

    Args:
        view: what is compared.
    """
    components.heading("Other recordings", mark=explained("Balanced recall"))
    bundles = [bundle for bundle in view.every if _scores(bundle)]
    if not bundles:
        components.empty(
            "No model here was tested on other recordings.",
            "Test them on the corpora that you have:",
            command="python -m train elsewhere",
        )
        return
    finding = " ".join(_finding(m.bundle) for m in view.pair)
    components.note(
        f"{finding} Each corpus was heard by a model that learned nothing of it, in another room, "
        "often in another language: balanced recall over the classes of both sides. Large mark: "
        f"each clip by itself. Small mark: after {wording.SESSION} earlier utterances of the same "
        "speaker, where a model adapts. Filters and merged classes do not change it."
    )
    names = list(dict.fromkeys(name for bundle in bundles for name in _scores(bundle)))
    components.chart(
        elsewhere_rows(
            [get(name).info.label for name in names],
            [(view.marked(b), [_dots(_scores(b).get(name)) for name in names]) for b in bundles],
            style.current_theme(),
        ),
        key="elsewhere",
        alt=finding,
        data=_table(bundles),
        name="other-recordings",
    )


def _scores(bundle: Bundle) -> dict[str, OtherRecordings]:
    return bundle.metrics.other_recordings if bundle.metrics else {}


def _dots(scores: OtherRecordings | None) -> Elsewhere | None:
    return None if scores is None else Elsewhere(scores.ua, scores.after(wording.SESSION))


def _finding(bundle: Bundle) -> str:
    """Mean over the corpora, in a sentence."""
    metrics = bundle.metrics
    alone = metrics.elsewhere() if metrics else None
    if metrics is None or alone is None:
        return f"{bundle.title} was not tested on other recordings."
    later = metrics.elsewhere(wording.SESSION)
    more = "" if later is None else f", {percent(later)} later in a session"
    return f"{bundle.title} reaches {percent(alone)} on average{more}."


def _table(bundles: list[Bundle]) -> pd.DataFrame:
    rows = []
    for bundle in bundles:
        for name, s in _scores(bundle).items():
            info = get(name).info
            shares = {"ua": s.ua} | {f"ua after {x.earlier}, {x.mix}": x.ua for x in s.sessions}
            shares |= {"ece": s.ece, "answered": s.answered, "right of answered": s.answered_wa}
            shares |= {"most given": s.most_given}
            percents = {what: round(100 * share, 1) for what, share in shares.items()}
            rows.append(
                {"model": bundle.title, "corpus": info.label, "language": info.language} | percents
            )
    return pd.DataFrame(rows)

"""How positive a text is by its words alone, in English: VADER.

Hutto & Gilbert (2014), "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social
Media Text", ICWSM. It adds up words that people rated, and knows "not" and "very"; irony it misses.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

LANGUAGE = "en"  # its lexicon knows no other
POSITIVE, NEGATIVE = 0.05, -0.05  # its authors' own bounds


def valence(text: str, language: str) -> float | None:
    """From -1, negative, to 1, positive; None for other languages than English."""
    if language != LANGUAGE:
        return None
    return float(_analyser().polarity_scores(text)["compound"])


@lru_cache(maxsize=1)
def _analyser() -> "SentimentIntensityAnalyzer":
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # optional

    return SentimentIntensityAnalyzer()

"""A question mark that tells what a word means, in the look of those beside Streamlit's widgets."""

import re
from html import escape

from ser_core.glossary import GLOSSARY


def explained(*names: str) -> str:
    """HTML of a question mark behind words that are explained when it is pressed.

    Args:
        names: of the glossary.
    """
    place = "word-" + re.sub(r"\W+", "-", "-".join(names).lower())
    words = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    told = "".join(
        f'<span class="ser-word"><b>{escape(name)}</b> {escape(GLOSSARY[name])}</span>'
        for name in names
    )
    return (
        f'<button type="button" class="ser-help" popovertarget="{place}" '
        f'aria-label="Help: {escape(words)}"></button>'
        f'<span class="ser-words" popover id="{place}">{told}</span>'
    )

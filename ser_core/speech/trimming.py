"""Where the silence before and after the speech of a clip ends and begins."""

from ser_core.audio.clip import AudioClip
from ser_core.speech.segmenter import find_utterances


def speech_span(clip: AudioClip) -> tuple[float, float] | None:
    """First onset and last offset of the speech in a clip, in seconds; None without speech."""
    found = find_utterances(clip)
    return (found[0].onset_s, found[-1].offset_s) if found else None

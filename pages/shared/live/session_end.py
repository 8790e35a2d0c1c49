"""What a live session gave, whatever fails at its end."""

import logging
from dataclasses import replace

from pages.shared.live.microphone import Microphone
from pages.shared.live.results import Progress
from pages.shared.ui import wording
from ser_core.analysis.analyser import analyse
from ser_core.analysis.result import Result, with_timeline
from ser_core.decoding.decode import Decoded
from ser_core.live.listener import Listener
from ser_core.live.recording import RECORDING_S

MISSING_S = 3.0  # without a frame, something is wrong
_LOG = logging.getLogger(__name__)


def judged(listener: Listener, microphone: Microphone, progress: Progress) -> Result | None:
    """End a session.

    Args:
        listener: what has followed its sound.
        microphone: where the last of it waits.
        progress: called with the seconds done where this takes time.

    Returns:
        What it gave, judged as one voice; None if no sound came.
    """
    warnings, told = [*microphone.warnings()], listener.told
    if microphone.missing_s > MISSING_S:
        warnings.append(wording.BROKE_OFF)
    try:
        listener.push(microphone.drain())
        clip, timeline = listener.finish()
        if listener.mixed:  # several models answered: the last one judges all of it
            timeline = analyse(clip, listener.model, lambda s: progress(s, clip.duration_s))
    except Exception:  # whatever the model's fault, the recording is the visitor's
        _LOG.exception("The end of a session could not be judged")
        clip, timeline = listener.so_far()
        warnings.append("The end could not be judged; the recording is whole. Upload it again.")
    if not clip.samples.size:
        return None
    if listener.duration_s - clip.duration_s > 1:
        warnings.append(f"Only the last {RECORDING_S // 60} minutes were kept.")
    if listener.adapted_to and listener.turns is None:
        warnings.append(wording.heard_again(listener.changed, len(timeline.utterances)))
    told = told and replace(told, said=listener.said)
    decoded = Decoded(clip, *microphone.source, tuple(warnings))
    return with_timeline(decoded, "microphone.wav", timeline, told)

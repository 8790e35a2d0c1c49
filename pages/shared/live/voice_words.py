"""A conversation in words."""

from pages.shared.ui import wording
from ser_core.analysis.conversation import Conversation
from ser_core.analysis.result import Result
from ser_core.analysis.timeline import Timeline
from ser_core.formatting import number_word, seconds, spelled
from ser_core.speakers.diarisation import NAMES


def several(result: Result) -> bool:
    """Whether several voices were told apart."""
    return result.conversation is not None and len(result.conversation.timelines) > 1


def of_result(result: Result) -> wording.Words:
    """The answer for a recording: of a conversation, how many voices there are."""
    conversation = result.conversation
    if not several(result):
        return wording.of_recording(result.timeline)
    voices = number_word(len(conversation.timelines), "voice").capitalize()
    spoken = f"In {wording.whole_seconds(result.timeline.speech_s)} of speech."
    return wording.Words(voices, f"{spoken} {at_once(conversation)}".strip())


def at_once(conversation: Conversation) -> str:
    """How long several speak at once; "" where they don't."""
    total_s = sum(end_s - start_s for start_s, end_s in conversation.diarisation.overlaps)
    if not total_s:
        return ""
    judged = "each is judged on a channel of its own" if conversation.apart else "it is not judged"
    return f"They speak at once for {seconds(total_s)}; {judged}."


def called(name: str) -> str:
    """A voice as people read it: "A" is "Voice A", and "Ann" is Ann."""
    return f"Voice {name}" if name in NAMES else name


def plain_name(typed: str) -> str:
    """Voice B, typed as it is shown, is B."""
    letter = typed.strip().removeprefix("Voice ")
    return letter if letter in NAMES else typed


def of_voice(name: str, timeline: Timeline) -> str:
    """One voice in a line: "Voice A: 41 s, mostly angry"."""
    return f"{called(name)}: {seconds(timeline.speech_s)}, {sounding(timeline)}"


def sounding(timeline: Timeline) -> str:
    """What a voice sounds like, in a conversation: "mostly angry"."""
    verdict = timeline.verdict
    if verdict.kind == "no_speech":
        return "only at once with others"
    if verdict.kind == "mixed":
        return wording.by_turns(timeline).lower()
    most = f"{verdict.emotion}" if verdict.emotion else "not sure"
    return most if len(timeline.seconds_per_answer()) == 1 else f"mostly {most}"


def found_voices(asked: int, found: int) -> str:
    """What to say where another number of voices was found than was looked for; "" otherwise."""
    if found == asked or not found or (not asked and found > 1):
        return ""
    only = f"Only {number_word(found, 'voice')} {'was' if found == 1 else 'were'} found"
    if not asked:
        return f"{only}. If there are more, say how many."
    return f"{only}, not {spelled(asked)}: the others say less than three seconds, or sound alike."

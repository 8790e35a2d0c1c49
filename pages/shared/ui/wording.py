"""The answers in words. Always "sounds", never "is"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ser_core.analysis.course import Part, course_of, frequent, longest
from ser_core.analysis.result import Live
from ser_core.analysis.timeline import Probabilities, Segment, Timeline
from ser_core.bundles.metrics import Metrics, ProtocolScores
from ser_core.corpora.registry import get
from ser_core.emotions import Emotion
from ser_core.evaluation.baselines import PEOPLE
from ser_core.formatting import count_word, figure, minute_clock, percent, thousands

KEPT = "Sound is kept in this server's memory until you close the page, never written to disk."
CONSENT = (
    "Press Start if you agree that your voice is analysed while you speak. A headset, or a hand's "
    "breadth from the microphone, is best."
)
ADAPTING = (
    "An emotion is heard against how the same voice sounded before, without asking what that was. "
    "It takes a few sentences, of more than one emotion if you can. Answers given earlier are "
    "heard again when you press Stop."
)
TURNS = (
    "Each voice is known again by how it sounds; somebody new often only with the second sentence. "
    "If you know how many people speak, choose the number: voices are told apart better then. At "
    "Stop all of it is told apart anew, and names that you give stay."
)
BROKE_OFF = (
    "The sound broke off: the connection was lost, or the microphone was unplugged. Press Start to "
    "go on."
)
SESSION_LOST = (
    "The session is gone: the page was loaded again, or the connection to the server was away. "
    "What you said was not kept. Press Start to speak again."
)
FULL = (
    "Full: as many people speak as this server can hear at once. Try again in a minute. The tabs "
    "Record and Upload work now."
)
NOTHING_CAME = "No sound came from the microphone. Press Start to try again, or use the tab Record."
NO_SOUND = (
    "No sound arrives. The microphone may be unplugged, or the network stands still: press Stop to "
    "keep what was heard, then Start again."
)
ONLY_SILENCE = "The microphone sends nothing but silence: it may be muted, or the wrong one."
NO_CONNECTION = (
    "No connection. The network may block live sound, which whoever runs this page can cure with a "
    "TURN server. The tab Record works without it."
)
ASLEEP = "The page was asleep; what was said in the meantime is being heard now."
PAUSED = "Nothing is heard or kept until you press Resume."
PRIVACY = (
    f"{KEPT} Emotions are read from tone, not words, by a model that learned from acted speech."
)
LAW = (
    "Tell people whose voice you let it hear. At work and in education the EU forbids inferring "
    "emotions (AI Act, Article 5)."
)
FACE_LAW = (
    "Tell people whose face you let it see. At work and in education the EU forbids inferring "
    "emotions (AI Act, Article 5)."
)
LISTENERS = (
    f"People who listened to the sound alone named the emotion in {percent(PEOPLE, 1)} of their "
    "ratings, neutral and calm accepted for each other"
)
LEARNT = (
    "The scores come from models that did not hear the speaker; the installed ones have learned "
    "from all speakers."
)

THIS_VOICE = "this voice"
SESSION = 8  # earlier utterances, of the figure that the pages show

NEW_RECORDING, NEW_FILES = "New recording", "New files"  # what makes room for the next

_ONE = "1 "  # "the last second"
_MOST_NAMED = 4  # parts of a recording
_CLOSE_RATIO, _CLOSE_SHARE = 0.7, 0.4
_SMALL = {1: "one", 2: "two", 3: "three"}
_NUMBERS = {4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight"}


@dataclass(frozen=True, slots=True)
class Words:
    """An answer.

    Attributes:
        headline: in large type.
        detail: the line below.
        emotion: whose mark stands before the headline, if any.
        quiet: whether there is nothing to say yet.
    """

    headline: str
    detail: str = ""
    emotion: Emotion | None = None
    quiet: bool = False


def of_recording(timeline: Timeline) -> Words:
    """The answer for a whole recording."""
    verdict = timeline.verdict
    if verdict.kind == "no_speech":
        return Words("No speech found", "The recording is silence or noise.", quiet=True)
    spoken = f"over {whole_seconds(timeline.speech_s)} of speech"
    if verdict.kind == "mixed":
        return Words(changing(timeline), f"It changes {spoken}.")
    if verdict.emotion is None:
        return Words("Not sure", why_unsure(verdict.probabilities))
    sure = percent(verdict.probabilities[verdict.emotion])
    return Words(f"Sounds {verdict.emotion}", f"{sure} sure, {spoken}", verdict.emotion)


def changing(timeline: Timeline) -> str:
    """Which emotions follow one another, or which are there without an order."""
    parts = course_of(timeline)
    if parts:
        names = [str(part.emotion) for part in named_parts(parts)]
        left = len(parts) - len(names)
        return ", then ".join(names).capitalize() + (f", and {left} more" if left else "")
    return by_turns(timeline)


def by_turns(timeline: Timeline) -> str:
    """Which emotions are often heard, in no order."""
    names = [str(emotion) for emotion in frequent(timeline)]
    if not names:
        return "Mixed"
    if len(names) == 1:
        return f"Partly {names[0]}"
    return f"By turns {', '.join(names[:-1])} and {names[-1]}"


def named_parts(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts that a headline has room for."""
    return parts if len(parts) <= _MOST_NAMED else longest(parts, _MOST_NAMED - 1)


def judged_by(title: str, adapted_to: int, live: bool, voices: int = 1) -> str:
    """Whose answer it is."""
    judged = f"Judged by {title}" + (" after Stop, as a whole" if live else "")
    if adapted_to and voices > 1:
        return f"{judged}, adapted to each voice by what else it says."
    if not adapted_to:
        return f"{judged}, not adapted to the voice."
    return (
        f"{judged}, adapted to {count_word(adapted_to, 'utterance')} as those of one voice; where "
        "several people speak, it is less sure than it looks."
    )


def told_live(live: Live, now: Emotion | None, titles: Mapping[str, str]) -> str:
    """What was told while somebody spoke, and why it is another answer now.

    Args:
        live: what was told.
        now: the answer for the whole; None where that is no single emotion.
        titles: of the models, by name.
    """
    what = f"{live.emotion}, {percent(live.confidence)} sure" if live.emotion else "not sure"
    if live.emotion == now and now is not None:
        told = f"Live, the last answer was the same, {percent(live.confidence)} sure."
    else:
        heard = whole_seconds(live.heard_s).removeprefix(_ONE)
        told = (
            f"Live, the last answer was {what}; it rested on the last {heard}, this one on the "
            "mean over the whole recording."
        )
    if len(live.models) < 2:
        return told
    return f"{told} {answering(live.models, titles)}"


def answering(models: Sequence[tuple[float, str]], titles: Mapping[str, str]) -> str:
    """Which model answers while somebody speaks, and which did before."""
    (_, first), *later = [(since_s, titles.get(name, name)) for since_s, name in models]
    if not later:
        return f"{first} answers."
    then = ", ".join(f"from {minute_clock(since_s)} on {title}" for since_s, title in later)
    return f"{first} answered first, {then}."


def of_moment(
    emotion: Emotion | None, probabilities: Probabilities | None, heard_s: float, ago_s: float
) -> Words:
    """The answer while somebody speaks.

    Args:
        emotion: the emotion to name; None for "not sure".
        probabilities: None before the first answer.
        heard_s: length of the sound that the answer rests on.
        ago_s: how long ago that sound ended.
    """
    if probabilities is None:
        return Words(
            "No speech yet",
            "Say a sentence or two. An answer needs about a second of voice.",
            quiet=True,
        )
    if emotion is None:
        return Words("Not sure", why_unsure(probabilities))
    sure = percent(probabilities[emotion])
    # an old answer stays on the page, but does not pretend to be about now
    when = f"{whole_seconds(ago_s)} ago" if ago_s > heard_s else ""
    return Words(
        f"Sounds {emotion}",
        f"{sure} sure, {when or f'for the last {whole_seconds(heard_s).removeprefix(_ONE)}'}",
        emotion,
    )


def corpora(metrics: Metrics) -> str:
    """The corpora of a model's scores on other recordings, in words."""
    labels = [get(name).info.label for name in metrics.other_recordings]
    return " and ".join(filter(None, (", ".join(labels[:-1]), labels[-1])))


def adapted_to(utterances: int, voice: str = THIS_VOICE) -> str:
    """How far a live session knows a voice."""
    if not utterances:
        return "Not adapted yet" if voice == THIS_VOICE else f"Not adapted to {voice} yet"
    return f"Adapted to {voice}: {count_word(utterances, 'utterance')}"


def heard_again(changed: int, of: int) -> str:
    """What hearing a session as a whole has changed."""
    if not changed:
        return "Heard again against the whole session, all answers stayed."
    return (
        f"Heard again against the whole session, {changed} of {count_word(of, 'utterance')} got "
        "another answer than while you spoke."
    )


def why_unsure(probabilities: Probabilities) -> str:
    """Why there is no answer: two candidates, or none."""
    first, second = sorted(probabilities, key=lambda e: -probabilities[e])[:2]
    a, b = probabilities[first], probabilities[second]
    if b >= _CLOSE_RATIO * a and a + b >= _CLOSE_SHARE:
        return f"{first.capitalize()} or {second}. The two are too close to call."
    return f"None of the {_NUMBERS.get(len(probabilities), 'emotions')} fits well."


def whole_seconds(value: float) -> str:
    """3.2 as "3 seconds", 65 as "1:05 minutes"."""
    whole = max(round(value), 1)
    if whole >= 60:
        return f"{minute_clock(whole)} minutes"
    return f"{whole} second{'' if whole == 1 else 's'}"


def segment_title(index: int, count: int, segment: Segment, voice: str = "") -> str:
    """ "Segment 2 of 6 sounds sad", in a conversation "Segment 2 of 6, Voice A, sounds sad"."""
    says = f"sounds {segment.emotion}" if segment.emotion else "is not sure"
    return f"Segment {index + 1} of {count}{f', {voice},' if voice else ''} {says}"


def next_best(probabilities: Probabilities, unsure: bool) -> str:
    """The runner-up with its share; for an unsure segment the two candidates."""
    first, second = sorted(probabilities, key=lambda e: -probabilities[e])[:2]
    if unsure:
        return f"{first} or {second}"
    return f"{second} {percent(probabilities[second])}"


def whole_clips(scores: Sequence[ProtocolScores]) -> str:
    """What the scores rest on where no speech is found; "" where that did not happen.

    Args:
        scores: those of several models under one protocol.
    """
    silent = {s.unvoiced_fallback for s in scores}
    most = max(silent, default=0)
    if not most:
        return ""
    return (
        f"In {'up to ' if len(silent) > 1 else ''}{thousands(most)} of "
        f"{thousands(max(s.clips for s in scores))} clips no speech is found; they are scored from "
        "the whole clip."
    )


def calibration(models: Mapping[str, Metrics]) -> str:
    """How far probabilities can be trusted, as measured per title; "" without a model."""
    if not models:
        return ""
    listed = ", ".join(f"{title} {figure(m.calibration.ece_after)}" for title, m in models.items())
    return (
        "On unseen speakers, how sure a model was and how often it was right differed on average "
        f"by, in percentage points: {listed}."
    )

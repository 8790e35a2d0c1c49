"""From utterances to words, by Whisper.

Each utterance is heard by itself, so no time drifts over a pause, and what is silent says nothing.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ser_core.audio.clip import SAMPLE_RATE_HZ
from ser_core.errors import WordsError
from ser_core.speech.segmenter import Utterance
from ser_core.words.transcript import Transcript, Word
from ser_core.words.weights import default_folder, missing

if TYPE_CHECKING:
    from faster_whisper.transcribe import Segment as Heard
    from faster_whisper.transcribe import Word as HeardWord

_THREADS = min(2, os.cpu_count() or 1)
_LANGUAGE_S = 30  # as much as Whisper hears at once
# text that packs so well repeats itself (Whisper's own bound); nobody repeats it so many times a
# second but a network that goes round in circles
_REPEATING, _FASTEST = 2.4, 8.0
_SHORTEST_S = 0.02  # Whisper's own grid
_LOADING = threading.Lock()  # two who ask at once would have it in memory twice


class Transcriber:
    """Whisper, loaded. Keeps no state: safe to share by threads, which it serves in turn."""

    def __init__(self, folder: Path) -> None:
        from faster_whisper import WhisperModel  # optional, and it takes a second

        try:
            self._model = WhisperModel(
                str(folder),
                device="cpu",
                compute_type="int8",
                cpu_threads=_THREADS,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            # without the path: visitors and clients of the service read this, too
            raise WordsError(
                "The folder of Whisper holds no model that faster-whisper reads. Name another one "
                "as SER_WORDS_DIR, or remove it and fetch Whisper base: python -m ser_core words."
            ) from error

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that it knows."""
        return tuple(self._model.supported_languages)

    def require(self, language: str | None) -> None:
        """Check a language before any work.

        Raises:
            WordsError: if it is not known.
        """
        if language is not None and language not in self.languages:
            raise WordsError(
                f"The model knows no language '{language}'. Give a code such as en, de or fr, or "
                "let it be found."
            )

    def language_of(self, utterances: Sequence[Utterance]) -> tuple[str, float]:
        """The language of the first half minute of speech, and how probable it is."""
        size = _LANGUAGE_S * SAMPLE_RATE_HZ
        speech = np.concatenate([utterance.samples for utterance in utterances])[:size]
        language, probability, _ = self._model.detect_language(speech)
        return language, float(probability)

    def hear(self, utterance: Utterance, language: str) -> tuple[Word, ...]:
        """The words of one utterance."""
        heard, _ = self._model.transcribe(
            utterance.samples,
            language=language,
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        return tuple(_placed(_words(list(heard), utterance), utterance))

    def transcribe(
        self,
        utterances: Sequence[Utterance],
        language: str | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Transcript:
        """The words of a recording.

        Args:
            utterances: of one recording.
            language: its code, such as "en"; None where it is to be found.
            progress: called with the share done, after each utterance; may raise `CancelledError`.

        Raises:
            WordsError: if the language is not known.
        """
        self.require(language)
        if not utterances:
            return Transcript((), language or "", 1.0)
        found, probability = (language, 1.0) if language else self.language_of(utterances)
        words: list[Word] = []
        done_s, all_s = 0.0, sum(each.offset_s - each.onset_s for each in utterances)
        for utterance in utterances:
            words += self.hear(utterance, found)
            done_s += utterance.offset_s - utterance.onset_s
            if progress:
                progress(done_s / all_s)
        return Transcript(tuple(sorted(words, key=lambda w: w.start_s)), found, probability)


def load(folder: Path | None = None) -> Transcriber:
    """The model of a folder, loaded once.

    Raises:
        WordsError: if it or a library is missing, with what to do.
    """
    folder = folder or default_folder()
    if why := missing(folder):
        raise WordsError(why)
    with _LOADING:
        return _loaded(folder)


@lru_cache(maxsize=1)
def _loaded(folder: Path) -> Transcriber:
    return Transcriber(folder)


def _words(heard: "Sequence[Heard]", utterance: Utterance) -> "list[HeardWord]":
    words = [word for each in heard for word in each.words or [] if word.word.strip()]
    repeating = any(each.compression_ratio > _REPEATING for each in heard)
    most = _FASTEST * (utterance.offset_s - utterance.onset_s)
    return [] if repeating and len(words) > most else words


def _placed(heard: "Sequence[HeardWord]", utterance: Utterance) -> Iterator[Word]:
    """Words in the recording's time: one after the other, inside the utterance, none of no length.

    Whisper's times may lie in the silence that it adds, or on each other.
    """
    last_s, shortest_s = utterance.onset_s, _SHORTEST_S
    shortest_s = min(shortest_s, (utterance.offset_s - utterance.onset_s) / max(len(heard), 1))
    for number, word in enumerate(heard):
        latest_s = utterance.offset_s - shortest_s * (len(heard) - number)
        start_s = min(max(utterance.onset_s + float(word.start), last_s), latest_s)
        end_s = max(utterance.onset_s + float(word.end), start_s + shortest_s)
        last_s = min(end_s, latest_s + shortest_s)
        text = word.word.strip()
        yield Word(text, start_s, last_s, float(word.probability), word.word.startswith(" "))

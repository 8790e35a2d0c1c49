"""An opened file of any format: what is in it, and the sound of one of its tracks."""

import os
from collections.abc import Iterator
from contextlib import closing
from typing import BinaryIO

import av
import soundfile as sf

from ser_core.audio.clip import MonoStream
from ser_core.decoding.container import Block, Container, Track
from ser_core.decoding.findings import Findings
from ser_core.decoding.formats import COMMON
from ser_core.decoding.headers import Part, Slice, parts_of
from ser_core.errors import AudioError
from ser_core.speech.segmenter import Segmenter

_DAMAGE = (av.FFmpegError, sf.LibsndfileError, ValueError, EOFError)
_SAMPLES = 2**18
_MPEG = (b"\xff", b"ID3")


class Recording:
    """A file with sound in it. Close it after use, as a context manager does.

    Attributes:
        tracks: its sound tracks.
        film: whether it has moving pictures as well.
        findings: of the last reading, one for each part of the file.

    Raises:
        AudioError: if there is no sound in it.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name = file, name
        self._parts = parts_of(file)
        self._by_ffmpeg = True
        self.findings: list[Findings] = []
        self.film = False
        self.tracks = self._tracks()

    def __enter__(self) -> "Recording":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def track(self, number: int | None) -> Track:
        """A track by its number, from 1; by default one that holds speech.

        Raises:
            AudioError: if there is no such track.
        """
        numbers = [track.number for track in self.tracks]
        if number is not None and number not in numbers:
            raise AudioError(
                f"{self._name} has no sound track {number}. Choose from: "
                f"{', '.join(map(str, numbers))}."
            )
        if number is not None:
            return self.tracks[numbers.index(number)]
        ordered = sorted(self.tracks, key=lambda track: not track.is_default)
        if len(ordered) > 1:
            return next((track for track in ordered if self._holds_speech(track)), ordered[0])
        return ordered[0]

    def blocks(self, number: int) -> Iterator[Block]:
        """The sound of a track, in order; may be read again and again."""
        self.findings = []
        for i, part in enumerate(self._parts if self._by_ffmpeg else ()):
            found = Findings()
            try:
                with closing(Container(self._file, part)) as container:
                    numbers = [track.number for track in container.tracks]
                    if number in numbers:
                        self.findings.append(found)
                        yield from container.blocks(number, found)
            except _DAMAGE:
                if i == 0:
                    raise
        if not self._by_ffmpeg:
            yield from self._libsndfile_blocks()

    def _tracks(self) -> list[Track]:
        try:
            with closing(Container(self._file, self._parts[0])) as container:
                if container.tracks:
                    self.film = container.film
                    return container.tracks
                if container.pictures_only and not container.is_picture:
                    raise AudioError(f"{self._name} has no sound track. Choose a file with sound.")
        except _DAMAGE:
            pass
        try:
            return self._libsndfile_tracks()
        except _DAMAGE as error:
            raise self._refusal() from error

    def _refusal(self) -> AudioError:
        if self._parts[0].unfinished:
            return AudioError(
                f"{self._name} is incomplete: the part that says how to read it is missing. Save, "
                "copy or upload it again."
            )
        return AudioError(f"{self._name} is not audio. Choose {', '.join(COMMON)} or the like.")

    def _libsndfile_tracks(self) -> list[Track]:
        """Of the few formats that FFmpeg does not know."""
        self._file.seek(0)
        if self._file.read(3).startswith(_MPEG):
            raise ValueError("MPEG that FFmpeg cannot read: mpg123 would only complain to stderr")
        with sf.SoundFile(self._whole()) as file:
            self._by_ffmpeg = False
            return [Track(1, file.samplerate, file.channels, True, False)]

    def _libsndfile_blocks(self) -> Iterator[Block]:
        found = Findings()
        self.findings.append(found)
        with sf.SoundFile(self._whole()) as file:
            try:
                # not file.blocks(): it hands out uninitialised samples where a header promised more
                while len(block := file.read(_SAMPLES, dtype="float32", always_2d=True)):
                    found.read_s += len(block) / file.samplerate
                    yield Block(block, file.samplerate)
            except sf.LibsndfileError:
                found.damaged_s.append(found.read_s)
                found.ends_damaged = True
            found.declared_s = file.frames / file.samplerate

    def _whole(self) -> Slice:
        """The file from its start, for a library that seeks before it where a file is damaged."""
        return Slice(self._file, Part(0, self._file.seek(0, os.SEEK_END)))

    def _holds_speech(self, track: Track) -> bool:
        segmenter, stream, rate_hz = Segmenter(), MonoStream(track.rate_hz), track.rate_hz
        for block in self.blocks(track.number):
            if block.rate_hz != rate_hz:
                stream, rate_hz = MonoStream(block.rate_hz), block.rate_hz
            if segmenter.push(stream.push(block.samples)) or segmenter.open_utterance():
                return True
        return bool(segmenter.flush())

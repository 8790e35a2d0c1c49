"""Sound as it comes over a line, a message after another, without a file around it."""

from typing import Protocol

import av
import numpy as np
from numpy.typing import NDArray

from ser_core.audio.clip import from_int16
from ser_core.errors import AudioError

OPUS_RATE_HZ = 48_000
_OPUS_DELAY = 312  # samples that libopus puts before the sound


class Packets(Protocol):
    """Turns messages into samples."""

    def samples(self, message: bytes) -> NDArray[np.float32]:
        """The sound of the next message: shape (n,), float32.

        Raises:
            AudioError: if it is none.
        """


class Pcm16:
    """Little-endian integers of 16 bits, mono. A message may end within one."""

    def __init__(self) -> None:
        self._odd = b""

    def samples(self, message: bytes) -> NDArray[np.float32]:
        """See `Packets`; never fails."""
        message = self._odd + message
        whole = len(message) // 2 * 2
        self._odd = message[whole:]
        return from_int16(np.frombuffer(message[:whole], "<i2").astype(np.int16))


class Opus:
    """Opus, a packet a message, at 48 kHz whatever it was made from; stereo is averaged."""

    def __init__(self) -> None:
        self._decoder = av.CodecContext.create("libopus", "r")
        self._decoder.sample_rate, self._decoder.layout = OPUS_RATE_HZ, "mono"
        self._early = _OPUS_DELAY

    def samples(self, message: bytes) -> NDArray[np.float32]:
        """See `Packets`."""
        if not message:  # it would end the decoder
            return np.zeros(0, np.float32)
        try:
            frames = [frame.to_ndarray()[0] for frame in self._decoder.decode(av.Packet(message))]
        except av.FFmpegError as error:
            raise AudioError(
                "A message is no packet of Opus. Send one packet a message."
            ) from error
        sound = from_int16(np.concatenate(frames)) if frames else np.zeros(0, np.float32)
        skipped = min(self._early, sound.size)
        self._early -= skipped
        return sound[skipped:]

"""One family of errors whose messages are written for the person who reads them."""


class SerError(Exception):
    """Base class. The message says what happened, then what to do."""


class AudioError(SerError):
    """The sound cannot be read or is not usable."""


class ModelError(SerError):
    """A model bundle is missing, altered or made by another version."""


class VoiceError(SerError):
    """Voices cannot be told apart, or not be corrected like that."""


class CorpusError(SerError):
    """A corpus is missing, incomplete or cannot be fetched."""


class WordsError(SerError):
    """Words cannot be written down here."""


class FaceError(SerError):
    """There is no face to look at, or no way to."""


class DownloadError(SerError):
    """What arrives is not what was asked for."""


class CancelledError(SerError):
    """Raised by a progress callback to end the work; what has arrived is kept."""

"""What is to be scored, and how far it is."""

from dataclasses import dataclass

from pages.shared.ui.background import Job
from pages.shared.ui.streamlit_internals import UploadedFile
from ser_core.analysis.result import Result


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be scored, and what to tell the visitor.

    Attributes:
        name: of the file.
        message: why.
        lasting: whether trying again would change nothing.
    """

    name: str
    message: str
    lasting: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """A recording that never was a file, as if it were one.

    Attributes:
        file_id: names it.
        result: of the recording.
    """

    file_id: str
    result: Result
    size = 0  # nothing of it is kept beside the result

    @property
    def name(self) -> str:
        """Of the file that it could be."""
        return self.result.name

    def getvalue(self) -> bytes:
        """The content of that file."""
        return self.result.wav()


@dataclass(frozen=True, slots=True)
class Task:
    """A file that is to be scored.

    Attributes:
        file: an uploaded file never changes, so its identity stands for its content.
        model: name of the model.
        track: which sound track; None for what we choose.
        channel: which channel; None for what we choose.
        voices: how many are to be told apart, 0 for as many as are found; None for one voice.
    """

    file: UploadedFile | Recorded
    model: str
    track: int | None = None
    channel: int | None = None
    voices: int | None = None

    @property
    def source(self) -> tuple[str, int | None, int | None]:
        """Names the sound."""
        return self.file.file_id, self.track, self.channel

    @property
    def key(self) -> str:
        """Names the result."""
        source = f"{self.file.file_id}-{self.model}-{self.track}-{self.channel}"
        return source if self.voices is None else f"{source}-{self.voices}"


class Line:
    """How far a file is.

    Attributes:
        task: what is to be scored.
        cancelled: whether the visitor wants no more of it for now.
    """

    def __init__(self, task: Task, known: Result | None = None) -> None:
        """Begin a line.

        Args:
            task: what is to be scored.
            known: its result, where it was scored elsewhere.
        """
        self.task = task
        self.cancelled = False
        self._known = known
        self._job: Job[Result | Failed] | None = None

    @property
    def found(self) -> Result | Failed | None:
        """A result or a failure; None where there is neither yet."""
        if self._known is not None or self._job is None:
            return self._known
        if self._job.error is not None:
            return Failed(self.task.file.name, self._job.error, lasting=False)
        return self._job.result

    @property
    def waiting(self) -> bool:
        """Whether it is to be scored and was not yet."""
        return not self.cancelled and self.found is None

    @property
    def progress(self) -> tuple[float, str] | None:
        """Share done in [0, 1] and how much that is; None where nothing is being done."""
        if self._job is None or not self._job.running or not self.waiting:
            return None
        return self._job.progress

    def start(self, job: Job[Result | Failed]) -> None:
        """Begin."""
        self._job = job
        job.start()

    def correct(self, result: Result) -> None:
        """Keep what the visitor has made of a result."""
        self._known = result

    def stop(self) -> None:
        """End what is under way; a result that comes all the same counts."""
        self.cancelled = True
        if self._job is not None:
            self._job.stop()

    def again(self) -> None:
        """Wait once more, if that can help."""
        self.cancelled = False
        if isinstance(self.found, Failed) and not self.found.lasting:
            self._job = None

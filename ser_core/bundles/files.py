"""The JSON files of a bundle: what each holds is a type, checked as it is read."""

import json
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

import msgspec

from ser_core.errors import ModelError

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Interval = tuple[Share, Share]
Setting = str | int | float | bool | list[str | int]
ScoreName = Literal["ua", "wa", "macro_f1"]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An object within a file."""


class BundleFile(Part, frozen=True, tag_field="schema", tag=1):
    """A file of a bundle; its entry "schema" is raised with every change of its form."""

    FILE: ClassVar[str]
    COMMAND: ClassVar[str]  # that makes it; {name} is the folder's

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read and check the file.

        Raises:
            ModelError: if it is missing, or its content does not fit; it says how to make it.
        """
        command = cls.COMMAND.format(name=folder.name)
        try:
            return msgspec.json.decode((folder / cls.FILE).read_bytes(), type=cls)
        except FileNotFoundError as error:
            raise ModelError(
                f"There is no {cls.FILE} in '{folder.name}'. Make it: {command}"
            ) from error
        except (OSError, ValueError) as error:
            raise ModelError(
                f"The {cls.FILE} of '{folder.name}' does not fit: {error}. Make it again: {command}"
            ) from error

    @classmethod
    def find(cls, folder: Path) -> Self | None:
        """The file as `load` gives it; None where there is none."""
        return cls.load(folder) if (folder / cls.FILE).exists() else None

    def save(self, folder: Path) -> Path:
        """Write the file; returns its path.

        Raises:
            ValueError: if a number is not finite.
        """
        content = msgspec.to_builtins(self)
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self.FILE
        path.write_text(text + "\n", encoding="utf-8")
        return path

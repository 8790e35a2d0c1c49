"""Packages of npm, as `npm pack` gives them: nothing of node is needed to read one."""

import tarfile
from pathlib import Path

from ser_core.errors import ModelError


def member(package: Path, name: str) -> bytes:
    """One file of a package.

    Raises:
        ModelError: if it does not hold that file.
    """
    try:
        with tarfile.open(package) as archive:
            found = archive.extractfile(name)
            if found is not None:
                return found.read()
    except (OSError, tarfile.TarError, KeyError) as error:
        raise ModelError(
            f"{package} holds no {name}. Get the package that --help names."
        ) from error
    raise ModelError(f"{package} holds no {name}. Get the package that --help names.")

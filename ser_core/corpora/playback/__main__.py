"""`python -m ser_core.corpora.playback CORPUS`: make the copies of a corpus again."""

import argparse
import io
import sys
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import av

from ser_core.corpora.index.reading import located, require_root
from ser_core.corpora.playback import SUFFIX, archive
from ser_core.errors import SerError
from ser_core.formatting import megabytes

BITS_PER_S = 24_000  # wideband speech at which one hears no difference


def opus(file: Path) -> bytes:
    """A mono recording as Ogg Opus; the same bytes whenever the same encoder makes them."""
    made = io.BytesIO()
    with (
        av.open(str(file)) as source,
        av.open(made, "w", format="ogg", options={"fflags": "+bitexact"}) as copy,
    ):
        stream = copy.add_stream("libopus", rate=source.streams.audio[0].rate, layout="mono")
        stream.bit_rate = BITS_PER_S
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        for frame in source.decode(audio=0):
            copy.mux(stream.encode(frame))
        copy.mux(stream.encode(None))
    return made.getvalue()


def main(arguments: list[str] | None = None) -> int:
    """Encode every clip with one of the eight emotions."""
    parser = argparse.ArgumentParser(
        prog="python -m ser_core.corpora.playback", description=__doc__
    )
    parser.add_argument("corpus", choices=("emodb",), help="its licence must allow passing it on")
    parser.add_argument("--root", type=Path, help="folder of the corpus")
    options = parser.parse_args(arguments)
    try:
        files = [
            file for _, file in located(options.corpus, require_root(options.corpus, options.root))
        ]
    except SerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    with ZipFile(archive(options.corpus), "w") as copies:  # stored: Opus does not shrink any more
        for file in files:
            copies.writestr(ZipInfo(file.stem + SUFFIX), opus(file))  # and without a date
    size = megabytes(archive(options.corpus).stat().st_size)
    sys.stdout.write(f"{len(files)} clips, {size}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

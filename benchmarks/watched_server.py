"""The app in a process that counts what it keeps; `benchmarks.soak` starts it.

`python -m benchmarks.watched_server FILE run app.py` takes Streamlit's arguments after the file.
Every few seconds a line of JSON is added to the file. The app itself knows nothing of it.
"""

import gc
import json
import sys
import threading
import time
import weakref
from collections import Counter
from itertools import chain, starmap
from pathlib import Path

from streamlit.web.cli import main as streamlit

from pages.shared.live.microphone import Microphone

EVERY_S = 5.0
# what holds a visitor's sound, and the session that holds all the rest
SOUND = ("LiveSession", "Listener", "Microphone", "AudioClip", "UploadedFileRec", "MemoryFile")
SESSION = "AppSession"
_microphones: weakref.WeakSet[Microphone] = weakref.WeakSet()


def kept() -> dict[str, int]:
    """How many objects of each class are in memory; of microphones, those that hold sound.

    Nothing is collected before: an object that only the collector could free is in memory as well.
    """
    found = Counter(each.__name__ for each in _types())
    found["Microphone"] = sum(each.waiting_s > 0 for each in tuple(_microphones))
    return {name: found[name] for name in (*SOUND, SESSION)}


def _types() -> list[type]:
    """Types of all objects.

    A tuple that another thread is making must not be in a second place when it goes on. So this is
    a single call, which no other thread interrupts, and does not keep the objects.
    """
    gc.disable()
    try:
        return list(chain.from_iterable(map(map, (type,), starmap(gc.get_objects, ((),)))))
    finally:
        gc.enable()


def watch(file: Path) -> None:
    """Write counts for ever."""
    with file.open("a", encoding="utf-8") as out:
        while True:
            out.write(json.dumps({"at": time.time(), **kept()}) + "\n")
            out.flush()
            time.sleep(EVERY_S)


def _note_microphones() -> None:
    init = Microphone.__init__

    def noted(self: Microphone, *arguments: float, **named: float) -> None:
        _microphones.add(self)
        init(self, *arguments, **named)

    Microphone.__init__ = noted


if __name__ == "__main__":
    _note_microphones()
    threading.Thread(target=watch, args=(Path(sys.argv[1]),), daemon=True).start()
    sys.argv = ["streamlit", *sys.argv[2:]]
    streamlit()

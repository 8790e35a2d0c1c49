"""The app in a process that counts what it keeps; `benchmarks.soak` starts it.

`python -m benchmarks.watched_server FILE run app.py` takes Streamlit's arguments after the file.
Every few seconds a line of JSON is added to the file. The app itself knows nothing of it.
"""

import gc
import json
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from streamlit.web.cli import main as streamlit

EVERY_S = 5.0
# what holds a visitor's sound, and the session that holds all the rest
SOUND = ("LiveSession", "Listener", "Microphone", "AudioClip", "UploadedFileRec", "MemoryFile")
SESSION = "AppSession"


def kept() -> dict[str, int]:
    """How many objects of each class are in memory; of microphones, those that hold sound.

    Nothing is collected before: an object that only the collector could free is in memory as well.
    """
    found = Counter(type(each).__name__ for each in gc.get_objects() if not _empty(each))
    return {name: found[name] for name in (*SOUND, SESSION)}


def _empty(each: object) -> bool:
    return type(each).__name__ == "Microphone" and not each.waiting_s


def watch(file: Path) -> None:
    """Write counts for ever."""
    with file.open("a", encoding="utf-8") as out:
        while True:
            out.write(json.dumps({"at": time.time(), **kept()}) + "\n")
            out.flush()
            time.sleep(EVERY_S)


if __name__ == "__main__":
    threading.Thread(target=watch, args=(Path(sys.argv[1]),), daemon=True).start()
    sys.argv = ["streamlit", *sys.argv[2:]]
    streamlit()

"""An installed Chromium, and flags that give it a made-up microphone."""

import os
import shutil
from pathlib import Path
from typing import Any

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MICROPHONE = "--use-fake-device-for-media-stream"  # beeps until a file is given
ALLOWED = "--use-fake-ui-for-media-stream"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def says(file: Path) -> tuple[str, ...]:
    """Flags of an allowed microphone that hears a file once, then silence.

    Args:
        file: WAV of 48 kHz. It starts when the microphone is opened, before a connection stands.
    """
    return ALLOWED, MICROPHONE, f"--use-file-for-fake-audio-capture={file.resolve()}%noloop"


def installed(playwright: Any) -> str | None:
    """$CHROMIUM, a Chromium of the system, or the one that Playwright has downloaded."""
    for path in (os.environ.get("CHROMIUM"), *map(shutil.which, _NAMES)):
        if path:
            return path
    path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def launch(playwright: Any, path: str, *flags: str) -> Any:
    """Start a Chromium without a window."""
    return playwright.chromium.launch(executable_path=path, headless=True, args=[*FLAGS, *flags])

"""What the live strip tells, and what to do about it."""

from pages.shared.ui import wording

_INSTEAD = "The tabs Record and Upload work without it."
STEPS = (
    "Press Start and allow the microphone.",
    "Say a sentence or two. An answer needs about a second of voice.",
    "Press Stop for the whole result, to hear and to keep.",
)
TROUBLE = {
    "denied": (
        "The browser may not use the microphone. Allow it beside the address of this page, then "
        f"press Start. {_INSTEAD}"
    ),
    "missing": f"No microphone found. Plug one in, then press Start. {_INSTEAD}",
    "busy": (
        "The microphone is taken by another program. Close calls and recorders that use it, then "
        "press Start."
    ),
    "insecure": (
        "The browser gives no microphone to this address. Open the page by https:// or on "
        "localhost, or use the tab Upload."
    ),
    "no_connection": wording.NO_CONNECTION,
    "lost": wording.SESSION_LOST,
    "full": wording.FULL,
    "nothing_came": wording.NOTHING_CAME,
    "no_sound": wording.NO_SOUND,
    "only_silence": wording.ONLY_SILENCE,
    "asleep": wording.ASLEEP,
}
MESSAGES = {
    "consent": wording.CONSENT,
    "asking": "Allow the microphone in the browser's question.",
    "connecting": "Connecting the microphone.",
    "waiting": "Waiting for sound from the browser.",
    "paused": wording.PAUSED,
    "ending": "Judging all that was said.",
} | TROUBLE

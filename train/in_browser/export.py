"""Writes the page that hears emotion in the browser alone.

Its networks are the app's own files, beside one that computes the features, and run in
onnxruntime-web (MIT), a package on npm:

    npm pack onnxruntime-web@1.23.2
    python -m train export-browser onnxruntime-web-1.23.2.tgz page/
    python -m http.server --directory page/

Any web server may hand the folder out. The page forbids itself every other address (Content
Security Policy), so sound cannot leave it. What it says is what the command line says, but for
what the browser decodes otherwise: channels are averaged, damage is not told, quiet sound is not
raised, voices are not told apart.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ser_core.analysis.timeline import DOMINANT_SHARE, MANY, NEARLY_ALL, STUCK, UNLIKE
from ser_core.analysis.voice import LIMIT, LONGEST_S, TRUST_S
from ser_core.audio.clip import SAMPLE_RATE_HZ
from ser_core.bundles.card import ModelCard
from ser_core.bundles.model import EmotionModel, verified_onnx
from ser_core.errors import ModelError
from ser_core.plots.theme import THEMES, Theme
from ser_core.speech import detector, segmenter
from train.in_browser.front_end import front_end
from train.in_browser.halves import halves
from train.npm import member

_PAGE = Path(__file__).with_name("page")
_RUNTIME = (
    "ort.wasm.min.mjs",
    "ort-wasm-simd-threaded.mjs",
    "ort-wasm-simd-threaded.wasm",
)


def export_browser(package: Path, model: Path, out: Path) -> list[Path]:
    """Write the page.

    Args:
        package: onnxruntime-web, as `npm pack` gives it.
        model: folder of the bundle of a model that adapts.
        out: a folder; files in it are replaced.

    Returns:
        The files.

    Raises:
        ModelError: if the package is another one, or the model needs what the page lacks.
    """
    card = ModelCard.load(model)
    if not EmotionModel(model).adapts:
        raise ModelError(f"'{card.name}' does not adapt to a voice. Export one that does.")
    encoder, head = halves(verified_onnx(model, card))
    files: dict[str, bytes] = {path.name: path.read_bytes() for path in _PAGE.iterdir()}
    files |= {f"runtime/{name}": member(package, f"package/dist/{name}") for name in _RUNTIME}
    files |= {
        detector.MODEL_FILE.name: detector.MODEL_FILE.read_bytes(),
        "features.onnx": front_end(card.features),
        "encoder.onnx": encoder,
        "head.onnx": head,
        "settings.json": json.dumps(settings(card), indent=2).encode(),
        "colours.css": colours().encode(),
        "NOTICE.md": _notice(card, _version(package)).encode(),
    }
    for name, content in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(content)
    return sorted(out / name for name in files)


def settings(card: ModelCard) -> Mapping[str, Any]:
    """What the page's code has to know of the model and of how it is used here."""
    return {
        "model": card.name,
        "labels": list(card.labels),
        "rate": SAMPLE_RATE_HZ,
        "window": round(card.window_s * SAMPLE_RATE_HZ),
        "hop": round(card.hop_s * SAMPLE_RATE_HZ),
        "segmenter": {
            "chunk": detector.CHUNK_SAMPLES,
            "context": detector.CONTEXT_SAMPLES,
            "speech_on": segmenter.SPEECH_ON,
            "speech_off": segmenter.SPEECH_OFF,
            "least_chunks": segmenter.MIN_SPEECH_CHUNKS,
            "pause_chunks": segmenter.PAUSE_CHUNKS,
            "pad": segmenter.PAD_SAMPLES,
            "most": segmenter.MAX_SAMPLES,
        },
        "voice": {"limit": LIMIT, "longest_s": LONGEST_S, "trust_s": TRUST_S},
        "answer": {
            "temperature": card.temperature,
            "threshold": card.abstain_threshold,
            "dominant": DOMINANT_SHARE,
        },
        "doubt": {
            "unlike_above": card.unlike_above,
            "unlike_words": UNLIKE,
            "stuck_words": STUCK,
            "many": MANY,
            "nearly_all": NEARLY_ALL,
        },
    }


def colours() -> str:
    """The app's colours as style sheet."""
    light, dark = (f":root {{ {_properties(theme)} }}" for theme in THEMES.values())
    return "\n".join(
        [
            light,
            f"@media (prefers-color-scheme: dark) {{ {dark} }}",
            *(
                f'[data-emotion="{e}"] {{ --emotion: var(--{e}); }}'
                for e in THEMES["light"].emotions
            ),
        ]
    )


def _properties(theme: Theme) -> str:
    names = ("background", "surface", "text", "muted", "line", "ink", "not_sure")
    values = {name.replace("_", "-"): getattr(theme, name) for name in names}
    values |= {str(emotion): colour for emotion, colour in theme.emotions.items()}
    return " ".join(f"--{name}: {value};" for name, value in values.items())


def _version(package: Path) -> str:
    return str(json.loads(member(package, "package/package.json"))["version"])


def _notice(card: ModelCard, version: str) -> str:
    detector_notice = detector.MODEL_FILE.with_name("NOTICE.md").read_text(encoding="utf-8")
    return (
        f"# Licences\n\n{card.title}: {card.licence}\n\nonnxruntime-web {version}: MIT licence, "
        f"(c) Microsoft Corporation.\n\n{detector_notice}"
    )

"""Writes a bundle's network, card and self-test so that they vouch for each other."""

import hashlib
from pathlib import Path

from msgspec.structs import replace

from ser_core.bundles import selftest
from ser_core.bundles.card import ModelCard
from ser_core.bundles.model import verified_onnx
from train.learners.export import is_rounded, with_embedding


def write_sealed(folder: Path, content: bytes, card: ModelCard) -> None:
    """Write model.onnx, card.json and the self-test.

    Args:
        folder: of the bundle; made if it is not there.
        content: the ONNX file; it is given its output "embedding".
        card: of the model; it gets the file's checksum.
    """
    content = with_embedding(content, card.features.kind)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(content)
    replace(card, onnx_sha256=hashlib.sha256(content).hexdigest()).save(folder)
    selftest.write(folder, selftest.ROUNDED_ATOL if is_rounded(content) else selftest.ATOL)


def seal(folder: Path) -> None:
    """Bring an installed bundle to today's form; its weights and scores stay as they are.

    To be run where its answers are known to be right: what they are now becomes its self-test.

    Raises:
        ModelError: if it is missing, altered or made for other feature code.
    """
    card = ModelCard.load(folder)
    write_sealed(folder, verified_onnx(folder, card).read_bytes(), card)

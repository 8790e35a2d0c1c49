"""The networks for faces are unpacked as their package describes them."""

import io
import json
import tarfile

import numpy as np
import pytest

pytest.importorskip("onnx")

from ser_core.errors import ModelError
from train.__main__ import main
from train.faces import export_faces, weights

ENTRIES = [
    {
        "name": "filters",
        "shape": [1, 2],
        "quantization": {"dtype": "uint8", "scale": 0.5, "min": -1},
    },
    {"name": "bias", "shape": [1]},
]
CONTENT = bytes([0, 255]) + np.float32(0.25).tobytes()


@pytest.fixture
def package(tmp_path):
    def packed(content: bytes):
        file = tmp_path / "package.tgz"
        with tarfile.open(file, "w:gz") as archive:
            for name, held in (
                ("net-weights_manifest.json", json.dumps([{"weights": ENTRIES}]).encode()),
                ("net.bin", content),
            ):
                member = tarfile.TarInfo(f"package/model/{name}")
                member.size = len(held)
                archive.addfile(member, io.BytesIO(held))
        return file

    return packed


def test_tensors_follow_each_other_as_they_are_described(package):
    found = weights(package(CONTENT), "net")
    filters = found["filters"]
    assert (filters.values.tolist(), filters.scale, filters.least) == ([[0, 255]], 0.5, -1)
    assert (found["bias"].values.tolist(), found["bias"].scale) == ([0.25], None)


def test_what_is_not_described_is_no_such_network(package, tmp_path):
    with pytest.raises(ModelError, match="7 bytes, but 6 are described"):
        weights(package(CONTENT + b"?"), "net")
    with pytest.raises(ModelError, match="holds no package/model/tiny_face_detector_model"):
        export_faces(package(CONTENT), tmp_path)


@pytest.mark.parametrize(
    ("command", "named"),
    [("export-faces", "@vladmandic/face-api"), ("export-browser", "onnxruntime-web")],
)
def test_help_names_the_package_that_it_is_named_for(command, named, capsys):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert named in capsys.readouterr().out


def test_a_place_that_cannot_be_written_is_named(tmp_path, monkeypatch, capsys):
    taken = tmp_path / "taken"
    taken.write_bytes(b"")
    monkeypatch.setattr("train.faces.export_faces", lambda package, out: [out.mkdir()])
    assert main(["export-faces", "package.tgz", "--out", str(taken)]) == 1
    assert capsys.readouterr().err == f"{taken} cannot be used: File exists. Name another one.\n"

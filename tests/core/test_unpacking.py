"""Archives that are damaged or not to be trusted: nothing of them is unpacked."""

import stat
import zipfile

import pytest

from ser_core.corpora.fetch.archive import unpack
from ser_core.errors import CorpusError
from tests.archives import CONTENT, zipped


def test_a_member_with_a_wrong_sum_is_told_and_nothing_is_unpacked(tmp_path):
    file = tmp_path / "bad.zip"
    file.write_bytes(zipped(CONTENT).replace(bytes(range(256)), bytes(256), 1))
    with pytest.raises(CorpusError, match="not a readable zip"):
        unpack(file, tmp_path)
    assert [p for p in tmp_path.rglob("*")] == [file]


@pytest.mark.parametrize(
    "name", ["../evil.wav", "Actor_01/../../evil.wav", "/tmp/evil.wav", "C:/evil.wav"]
)
def test_no_member_is_written_outside(tmp_path, name):
    file = tmp_path / "bad.zip"
    file.write_bytes(zipped({"Actor_01/fine.wav": b"x", name: b"x"}))
    root = tmp_path / "in" / "side"
    root.mkdir(parents=True)
    with pytest.raises(CorpusError, match="do not trust"):
        unpack(file, root)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [file]


def test_links_are_refused(tmp_path):
    link = zipfile.ZipInfo("Actor_01/link.wav")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    file = tmp_path / "bad.zip"
    with zipfile.ZipFile(file, "w") as bundle:
        bundle.writestr(link, "/etc/passwd")
    with pytest.raises(CorpusError, match="link"):
        unpack(file, tmp_path)


def test_a_decompression_bomb_is_refused(tmp_path):
    file = tmp_path / "bad.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("Actor_01/huge.wav", bytes(5_000_000))
    with pytest.raises(CorpusError, match="do not trust"):
        unpack(file, tmp_path)
    assert list(tmp_path.iterdir()) == [file]


def test_a_damaged_archive_is_told(tmp_path):
    file = tmp_path / "bad.zip"
    file.write_bytes(zipped(CONTENT)[:5000])
    with pytest.raises(CorpusError, match="not a readable zip"):
        unpack(file, tmp_path)

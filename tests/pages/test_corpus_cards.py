import shutil

import pandas as pd
import pytest

from ser_core.corpora import published
from ser_core.corpora import registry as corpora
from ser_core.corpora.index.reading import load_index
from ser_core.corpora.published import INDEXES_DIR
from tests.corpus import make_corpus
from tests.pages.map_page import explorer, figure, html

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def index() -> dict[str, pd.DataFrame]:
    return {name: load_index(name) for name in corpora.names()}


def tables(at) -> list[pd.DataFrame]:
    """The HTML tables of the page."""
    bodies = [e.proto.body for e in at.get("html") if e.proto.body.startswith("<table")]
    rows = [
        body.replace("</tr>", "\n").replace("</td>", "\t").replace("</th>", "\t") for body in bodies
    ]
    found = []
    for text in rows:
        plain = "".join(part.partition(">")[2] for part in ("x>" + text).split("<"))
        cells = [line.split("\t")[:-1] for line in plain.split("\n") if line.strip()]
        found.append(pd.DataFrame(cells[1:], columns=cells[0]).set_index(cells[0][0]))
    return found


def test_facts_of_all_corpora_equal_their_indexes(index):
    at = explorer(part="Corpora", voice="Female")  # filters do not apply
    table = tables(at)[0]
    for name, rows in index.items():
        info = corpora.get(name).info
        own = table[info.label]
        people = {speaker: sex for speaker, sex in zip(rows["speaker"], rows["sex"], strict=True)}
        assert own["Speakers"] == str(len(people))
        for sex in set(people.values()):
            assert (
                f"{sum(s == sex for s in people.values())}\N{NO-BREAK SPACE}{sex}" in own["Sexes"]
            )
        counted = own["Clips"].replace("\N{NARROW NO-BREAK SPACE}", "")
        whole = len(rows) == info.clips
        assert counted == (str(len(rows)) if whole else f"{len(rows)} described of {info.clips}")
        assert ("for tests alone" in own["Models here"]) == (not info.trains)
        assert own["Minutes"] == str(round(sum(rows["duration_s"].astype(float)) / 60))
        assert own["Licence"] == info.licence
    assert table["EMO-DB"]["Left out"] == "boredom (81 clips)"
    assert table["RAVDESS"]["Left out"] == "nothing"
    assert [bar["name"] for bar in figure(at, 0)["data"]] == [
        corpora.get(name).info.label for name in corpora.names()
    ]


def test_medians_follow_the_chosen_descriptor(index):
    at = explorer(part="Corpora", medians="Speech")
    table = tables(at)[1]
    assert list(table.index) == ["happy", "sad", "angry"]
    for name, rows in index.items():
        sad = rows.loc[rows["emotion"] == "sad", "speech_s"].astype(float).sort_values()
        assert float(table.loc["sad", corpora.get(name).info.label]) == round(sad.median(), 2)
    at.button_group(key="medians").set_value("f0_hz").run()
    assert "Median pitch, Hz of each emotion" in html(at)
    assert at.query_params.get("medians") is None


def test_each_card_names_source_archive_and_whether_its_sound_is_here(folder, tmp_path):
    make_corpus(folder, (1,))
    at = explorer(part="Corpora")
    text = html(at)
    assert "bc696df654c87fed845eb13823edef8a" in text
    assert "208 MB (208 468 073 bytes)" in text
    assert "no checksum is published" in text
    assert "none of the archive; each recording’s SHA-256 is known" in text
    assert text.count("not offered here") == text.count("They are not offered for download.") == 2
    assert "Get them from https://github.com/Ethio2021/ASED_V1 and put them into data/ased." in text
    assert text.count("Its sound is on this machine.") == 1
    assert str(tmp_path) not in text
    links = {link.proto.url for link in at.get("link_button")}
    assert links == {corpora.get(name).info.homepage for name in corpora.names()}
    keys = {button.key for button in at.button}
    assert {"fetch-emodb", "fetch-nemo"} <= keys
    assert not {"fetch-ased", "fetch-turev"} & keys
    assert "fetch-ravdess" not in keys


def test_a_corpus_without_an_index_is_named_with_the_command_that_builds_it(monkeypatch, tmp_path):
    folder = tmp_path / "indexes"
    folder.mkdir()
    shutil.copy(INDEXES_DIR / "ravdess.parquet", folder)
    monkeypatch.setattr(published, "INDEXES_DIR", folder)
    at = explorer(part="Corpora")
    assert "EMO-DB has no index." in html(at)
    assert "python -m train index emodb" in [code.value for code in at.code]
    assert list(tables(at)[0].columns) == ["RAVDESS"]

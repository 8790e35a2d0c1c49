"""One word for one thing, and numbers rounded in one place, in all that a visitor reads.

The words stand in CONTRIBUTING.md. A word with a capital is that of a label: it is wrong as a whole
text alone. What others write (names of columns in their tables) is not ours to choose.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ser_core.glossary import GLOSSARY

ROOT = Path(__file__).parents[1]
OTHERS_WORDS = ("ser_core/corpora/folder/people.py", "ser_core/corpora/folder/tables.py")
CODE = [
    path
    for part in ("pages", "ser_core")
    for path in sorted((ROOT / part).rglob("*.py"))
    if not str(path).endswith(OTHERS_WORDS)
]
SCRIPTS = sorted((ROOT / "pages").rglob("*.js"))
PAPERS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]
ROW = re.compile(r"^\| (?P<word>[^|]+) \| (?P<means>[^|]+) \| (?P<instead>[^|]+) \|$", re.MULTILINE)
UNIT = re.compile(
    r"^[\s\N{NO-BREAK SPACE}]+(%|s|ms|dB|dBFS|LUFS|Hz|kHz|MB|seconds?|minutes?|points)\b"
)


# short for what not everybody knows; a page that shows another one explains it, too
MEASURES = (
    "UA",
    "WA",
    "F1",
    "ECE",
    "AUC",
    "dBFS",
    "LUFS",
    "LU",
    "f0",
    "MFCC",
    "Cohen's d",
    "dB",
    "Hz",
)


class Text(NamedTuple):
    """A text, and where it stands."""

    place: str
    words: str


def banned() -> dict[str, str]:
    """Each word that is not used, and the one that is."""
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Words\n")[2]
    rows = [row.groupdict() for row in ROW.finditer(table.partition("\n## ")[0])][2:]
    return {other: row["word"] for row in rows for other in row["instead"].split(", ")}


def docstrings(tree: ast.Module) -> set[int]:
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef)
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr)
    }


def written(node: ast.expr) -> str:
    """A string as it reads, with braces where something is filled in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(written(part) for part in node.values)
    return node.value if isinstance(node, ast.Constant) else "{}"


def texts_of_code(path: Path) -> Iterator[Text]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
        is_text = isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
        if is_text and id(node) not in skipped:
            text = re.sub(r"<[^>]*>", " ", written(node)).strip()
            if re.search(r"\s", text) or text[:1].isupper():  # else a key, or the name of a column
                yield Text(f"{path.relative_to(ROOT)}:{node.lineno}", text)


def texts_of_script(path: Path) -> Iterator[Text]:
    for nth, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for found in re.findall(r"\"([^\"]+)\"|'([^']+)'|`([^`]+)`", line.partition("// ")[0]):
            text = "".join(found)
            if re.search(r"\s", text) or text[:1].isupper():
                yield Text(f"{path.relative_to(ROOT)}:{nth}", text)


def texts_of_paper(path: Path) -> Iterator[Text]:
    code = False
    for nth, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        code ^= line.startswith("```")
        if not code:
            text = re.sub(r"`[^`]*`|\]\([^)]*\)", "", line)
            yield Text(f"{path.relative_to(ROOT)}:{nth}", text)


def texts() -> list[Text]:
    sources = ((CODE, texts_of_code), (SCRIPTS, texts_of_script), (PAPERS, texts_of_paper))
    return [text for paths, read in sources for path in paths for text in read(path)]


def uses(text: str, word: str) -> bool:
    if word[0].isupper():
        return text == word
    return bool(re.search(rf"(?<![\w-]){re.escape(word)}s?(?![\w-])", text, re.IGNORECASE))


def test_the_table_of_words_is_read():
    assert banned()["actor"] == "speaker"
    assert not set(banned()) & set(banned().values())


def test_words_are_found_where_they_stand():
    assert uses("Two Actors, one sentence", "actor")
    assert not uses("Actor_01 and a factor", "actor")
    assert uses("Clear", "Clear")
    assert not uses("Clear filters", "Clear")


def test_one_word_for_one_thing():
    wrong = [
        f"{text.place}: “{other}” for “{word}”: {' '.join(text.words.split())[:120]}"
        for text in texts()
        for other, word in banned().items()
        if uses(text.words, other)
    ]
    assert wrong == []


def numbers_written(path: Path) -> Iterator[str]:
    """Places that round a number by themselves and write its unit behind it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.JoinedStr):
            continue
        for number, *rest in (node.values[i : i + 3] for i in range(len(node.values))):
            spec = getattr(number, "format_spec", None)
            if spec is None or not re.search(r"\.(\d|\{\})+[fg%]$|^g$", written(spec)):
                continue
            behind = "".join(written(part) for part in rest)
            spaced = behind.replace("{}", "\N{NO-BREAK SPACE}", 1)
            if UNIT.match(spaced):
                yield f"{path.relative_to(ROOT)}:{number.lineno}: {ast.unparse(number)}"


def test_numbers_are_rounded_in_one_place():
    others = [path for path in CODE if path.name != "formatting.py"]
    assert [place for path in others for place in numbers_written(path)] == []


def test_every_measure_has_words_for_a_layman():
    explained = " ".join([*GLOSSARY, *GLOSSARY.values()])
    assert [each for each in MEASURES if not re.search(rf"\b{each}\b", explained)] == []

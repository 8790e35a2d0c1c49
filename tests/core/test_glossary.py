import re

from ser_core.glossary import GLOSSARY, meaning


def test_every_word_is_told_in_a_few_plain_sentences():
    for name, told in GLOSSARY.items():
        assert name[0].isupper() or name == "dBFS"
        assert told.endswith(".")
        assert len(told.split()) <= 50
        assert "!" not in told


def test_what_the_names_hide_is_found_by_its_short_form():
    everything = " ".join([*GLOSSARY, *GLOSSARY.values()])
    for short in ("UA", "WA", "Macro-F1", "ECE", "3.6", "Cohen's d", "dBFS", "LUFS", "f0", "MFCC"):
        assert re.search(rf"(?<!\w){re.escape(short)}(?!\w)", everything), short


def test_one_word_is_told_alone_and_several_by_name():
    assert meaning("Recall") == GLOSSARY["Recall"]
    assert meaning("Recall", "Precision").split("\n\n")[1] == f"Precision: {GLOSSARY['Precision']}"

import pytest

from ser_core.reports.records import safe_cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_looks_like_a_formula_is_marked(start):
    assert safe_cell(f'{start}HYPERLINK("http://e.org")') == f'\'{start}HYPERLINK("http://e.org")'


@pytest.mark.parametrize("value", ["a=b.wav", "", None, -0.5, 3, "'=1"])
def test_everything_else_stays(value):
    assert safe_cell(value) == value

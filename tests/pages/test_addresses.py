"""No address and nothing that a browser may say makes a page fail."""

import pytest
from streamlit import config

from ser_core.bundles.store import ModelStore
from tests.addresses import known_names, problem

BATCH = 15  # a page each
SEEDS = range(0, 120, BATCH)


@pytest.fixture(autouse=True)
def _log_as_before():
    shown = config.get_option("client.showErrorDetails")
    yield
    config.set_option("client.showErrorDetails", shown)


@pytest.mark.parametrize("first", SEEDS)
def test_odd_addresses_and_values_end_in_no_traceback(first):
    if not ModelStore().names():
        pytest.skip("needs a model: python -m train fit mlp")
    assert not [found for seed in range(first, first + BATCH) if (found := problem(seed))]


def test_addresses_are_made_of_the_names_that_pages_know():
    assert {"tab", "corpus", "clip", "section", "protocol", "acted", "example"} <= {*known_names()}

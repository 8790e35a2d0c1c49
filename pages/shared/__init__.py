"""Streamlit pieces that pages share."""

import ser_core  # noqa: F401  # before NumPy, which it tells how many threads to use

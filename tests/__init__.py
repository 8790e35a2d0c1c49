"""Tests; of each process, one thread computes: more would wait for each other, and cost more."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before anything imports NumPy

"""Training: the only part of the project that imports TensorFlow. Run `python -m train --help`."""

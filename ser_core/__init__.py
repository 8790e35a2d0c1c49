"""Headless speech emotion recognition: audio in, a timeline of emotions out."""

import os

# onnxruntime reports its use to its makers unless this is set before it is imported; nothing about
# a visitor leaves this machine.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

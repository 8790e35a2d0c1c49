"""What the app and the command line share. Neither Streamlit nor TensorFlow is imported here."""

import os

# onnxruntime reports its use to its makers unless this is set before it is imported; nothing about
# a visitor leaves this machine.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

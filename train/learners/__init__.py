"""Networks and other learners, and their export to ONNX."""

"""onnxruntime, as every network here is run."""

from pathlib import Path

import onnxruntime as ort


def one_thread_session(source: Path | bytes) -> ort.InferenceSession:
    """An onnxruntime session that computes in the calling thread: fastest for small models.

    Bytes take their size in memory once more than a file does, for as long as the session lives.
    """
    options = ort.SessionOptions()
    # Without it, sums of 8-bit products overflow on processors that have AVX2 but no VNNI: other
    # answers, and nearly all sound unlike what was learned.
    options.add_session_config_entry("session.x64quantprecision", "1")
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    model = source if isinstance(source, bytes) else str(source)
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])

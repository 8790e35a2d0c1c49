"""What networks are run with: onnxruntime, and memory that is given back."""

import ctypes
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
    options.enable_mem_pattern = False  # windows have many lengths: a plan for each piles up
    options.log_severity_level = 3
    model = source if isinstance(source, bytes) else str(source)
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    release_memory()  # reading a network leaves as much free again as it takes
    return session


def release_memory() -> None:
    """Give what was freed back to the system, which C libraries else keep for later.

    It takes milliseconds, and does nothing where the C library is not the one of GNU.
    """
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another Unix, musl, Windows
        return
    trim(0)

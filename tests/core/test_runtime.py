"""Networks answer the same on every processor, and leave no memory behind that nobody uses."""

import ctypes
import gc
import os
from types import SimpleNamespace

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from benchmarks.process import memory_mb
from ser_core.runtime import one_thread_session, release_memory

DEPTH, ACTIVATION, WEIGHT = 64, 255, 127  # the largest that 8 bits hold


def test_sums_of_8_bit_products_do_not_overflow():
    """AVX2 adds pairs of them in 16 bits, which do not hold two of the largest."""
    weights = np.full((DEPTH, 4), WEIGHT, np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["x", "weights"], ["y"])],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, (1, DEPTH))],
        [helper.make_tensor_value_info("y", TensorProto.INT32, (1, 4))],
        [numpy_helper.from_array(weights, "weights")],
    )
    opset = helper.make_opsetid("", 17)
    model = helper.make_model(graph, ir_version=9, opset_imports=[opset])
    session = one_thread_session(model.SerializeToString())
    (found,) = session.run(None, {"x": np.full((1, DEPTH), ACTIVATION, np.uint8)})
    np.testing.assert_array_equal(found, np.full((1, 4), DEPTH * ACTIVATION * WEIGHT))


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="needs the GNU C library")
def test_what_was_freed_goes_back_to_the_system():
    held = [np.ones(1_000) for _ in range(20_000)]  # 160 MB, in pieces that C keeps when freed
    last = np.ones(1_000)  # above them: without it, all would go by itself
    full_mb = memory_mb(os.getpid())
    held.clear()
    gc.collect()
    release_memory()
    assert memory_mb(os.getpid()) < full_mb - 100
    assert last.size == 1_000


@pytest.mark.parametrize("error", [OSError, TypeError])
def test_another_c_library_keeps_what_it_likes(error, monkeypatch):
    def missing(name):
        raise error(name)

    monkeypatch.setattr(ctypes, "CDLL", missing)
    release_memory()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace())
    release_memory()

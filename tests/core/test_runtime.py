"""Networks answer the same on every processor."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from ser_core.runtime import one_thread_session

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

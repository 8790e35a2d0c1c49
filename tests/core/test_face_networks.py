"""The networks for faces compute what the package that they come from computes."""

import hashlib
import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

from ser_core.emotions import Emotion
from ser_core.faces import detector, expression
from ser_core.faces.detector import Face, faces_in
from ser_core.faces.expression import LABELS, cut_out
from ser_core.runtime import one_thread_session
from tests.films import drawn_face, empty

# what the package says by itself, run by TensorFlow.js 4.22 on pattern(size); of the detector's
# numbers those of the cells in the middle and at the end of the first row
MIDDLE = [
    *(1.7795, -1.0036, 0.0815, -0.4349, -6.625, 0.8795, -2.192, -0.1442, -0.0646, -22.3442, 2.0106),
    *(-3.5377, 0.2536, 0.0201, -7.6406, 1.2502, -4.9382, 0.006, -0.0843, -12.5281, 2.9316, -0.6618),
    *(0.3486, 0.4141, -32.0213),
]
CORNER = [
    *(0.0037, 0.5506, -0.0918, -0.3481, -7.3664, -0.7942, -7.0099, 0.2555, 0.0101, -29.8375),
    *(-1.8444, -0.2949, 0.1224, -0.4662, -20.3748, -3.4746, -4.1268, -0.007, -0.0194, -23.1658),
    *(-2.1095, -3.8668, 0.468, 0.8173, -43.5284),
]
EXPRESSION = [0.149573, 0.139623, 0.710787, 0.000004, 0.000001, 0.0, 0.000011]
ROUNDED = 2e-4  # to four decimals there, and sums in another order


def pattern(size: int) -> np.ndarray:
    y, x, colour = np.mgrid[:size, :size, :3]
    return ((7 * x + 13 * y + 29 * colour + x * y // 17) % 256).astype(np.uint8)


def run(module, picture: np.ndarray) -> np.ndarray:
    image = picture.transpose(2, 0, 1)[None].astype(np.float32)
    return one_thread_session(module.MODEL_FILE).run(None, {"image": image})[0][0]


def test_they_give_the_numbers_of_the_package():
    cells = run(detector, pattern(detector.SIZE))
    assert cells.shape == (25, 13, 13)
    np.testing.assert_allclose(cells[:, 6, 6], MIDDLE, atol=ROUNDED)
    np.testing.assert_allclose(cells[:, 0, 12], CORNER, atol=ROUNDED)
    found = run(expression, pattern(expression.SIZE))
    np.testing.assert_allclose(found, EXPRESSION, atol=1e-5)


def test_they_are_those_of_the_notice_and_small():
    files = [detector.MODEL_FILE, expression.MODEL_FILE]
    notice = detector.MODEL_FILE.with_name("NOTICE.md").read_text("utf-8")
    told = re.findall(r"\b[0-9a-f]{64}\b", notice)
    assert [hashlib.sha256(file.read_bytes()).hexdigest() for file in files] == told
    assert sum(file.stat().st_size for file in files) < 1e6


@pytest.mark.parametrize(("x", "y"), [(60, 80), (160, 120), (250, 170)])
def test_a_face_is_found_where_it_is(x, y):
    (face,) = faces_in(drawn_face(x, y))
    assert (face.left + face.right) / 2 * 320 == pytest.approx(x, abs=12)
    assert face.top * 240 < y < face.bottom * 240
    assert detector.SURE < face.score <= 1


def test_a_face_stays_where_it_is_in_pictures_of_other_sizes():
    small = drawn_face(160, 120)
    (one,) = faces_in(small)
    (other,) = faces_in(small.repeat(3, axis=0).repeat(3, axis=1))
    assert other.left == pytest.approx(one.left, abs=0.04)
    assert other.bottom == pytest.approx(one.bottom, abs=0.04)


def test_without_a_face_nothing_is_found():
    assert faces_in(empty()) == []
    assert faces_in(np.zeros((1, 1, 3), np.uint8)) == []


def test_boxes_on_each_other_are_one_face():
    one, same = Face(0.1, 0.1, 0.3, 0.3, 0.9), Face(0.11, 0.1, 0.31, 0.3, 0.95)
    other = Face(0.6, 0.6, 0.8, 0.8, 0.6)
    assert detector._apart([one, same, other]) == [same, other]


def test_the_expression_is_that_of_the_face_and_its_mirror_image():
    picture = drawn_face(100, 110)
    (face,) = faces_in(picture)
    mirrored = Face(1 - face.right, face.top, 1 - face.left, face.bottom, face.score)
    found = expression.expression(picture, face)
    again = expression.expression(np.ascontiguousarray(picture[:, ::-1]), mirrored)
    assert tuple(found) == LABELS
    assert sum(found.values()) == pytest.approx(1, abs=1e-5)
    # edges are rounded down to pixels on either side
    assert max(abs(found[e] - again[e]) for e in LABELS) < 0.25


def test_of_a_face_outside_of_the_picture_nothing_is_known():
    outside = Face(1.2, 0.1, 1.4, 0.3, 0.9)
    assert cut_out(drawn_face(), outside).size == 0
    assert set(expression.expression(drawn_face(), outside).values()) == {1 / 7}


def test_a_smile_looks_happy():
    found = importlib.util.find_spec("skimage")
    if found is None:
        pytest.skip("needs the portrait of Eileen Collins (NASA) in scikit-image")
    av = pytest.importorskip("av")
    file = Path(found.origin).parent / "data" / "astronaut.png"
    with av.open(str(file)) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    (face,) = faces_in(picture)
    looks = expression.expression(picture, face)
    assert max(looks, key=looks.get) == Emotion.HAPPY

from pathlib import Path

import numpy as np

from ingest.embedded.matrix import ROWS, STRIPE, Matrix, packed


def vectors(count: int, width: int = 70) -> np.ndarray:
    return np.random.default_rng(1).standard_normal((count, width)).astype(np.float32)


def test_rows_are_read_where_they_were_written(tmp_path: Path):
    slots = np.array([7, 3, STRIPE + 2])
    given = vectors(3)
    Matrix(tmp_path, 70).write(slots, given)
    np.testing.assert_allclose(Matrix(tmp_path, 70).rows(slots), given, atol=2e-3)


def test_a_reader_sees_what_is_written_later(tmp_path: Path):
    writer, reader = Matrix(tmp_path, 70), Matrix(tmp_path, 70)
    given = vectors(STRIPE * 2 + 5)
    for start, end in ((0, 10), (10, STRIPE + 1), (STRIPE + 1, len(given))):
        writer.write(np.arange(start, end), given[start:end])
        np.testing.assert_allclose(reader.rows(np.arange(end))[-3:], given[end - 3 : end], atol=4e-3)
        assert len(reader.distances(given[0], end)) == end


def test_distances_count_the_signs_that_differ(tmp_path: Path):
    matrix = Matrix(tmp_path, 70)
    given = vectors(STRIPE + 3)
    matrix.write(np.arange(len(given)), given)
    expected = ((given > 0) != (given[5] > 0)).sum(axis=1)
    assert matrix.distances(given[5], len(given)).tolist() == expected.tolist()


def test_signs_are_packed_into_whole_words():
    assert packed(vectors(2, 70)).shape == (2, 2)
    assert packed(vectors(2, 8)).shape == (2, 1)


def test_a_wiped_row_is_zero_in_the_file(tmp_path: Path):
    matrix = Matrix(tmp_path, 70)
    matrix.write(np.arange(3), vectors(3))
    matrix.wipe(np.array([0, 1, 2]))
    assert set((tmp_path / ROWS).read_bytes()) == {0}

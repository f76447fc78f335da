"""Tables are read as they were written; what is no number and no class is named by line and column."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numpy_nn.data import csv, npz, unlabelled_csv


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("tables") / "table"


IRIS = """sepal length,sepal width,species
5.1,3.5,setosa
7.0,3.2,versicolor

6.3,3.3,setosa
"""


def test_a_table_with_names_is_read(file):
    file.write_text(IRIS)
    table = csv(file)
    assert (table.x.dtype, table.target.dtype) == (np.float32, np.int64)
    assert table.x.tolist() == np.float32([[5.1, 3.5], [7, 3.2], [6.3, 3.3]]).tolist()
    assert table.target.tolist() == [0, 1, 0]
    assert table.classes == ["setosa", "versicolor"]
    for target in ("species", 2, -1, None):
        assert csv(str(file), target).target.tolist() == [0, 1, 0]


def test_the_class_may_stand_anywhere(file):
    file.write_text("y, a, b\n3,1,2\n1,5,6\n")
    assert csv(file, "a").classes == ["1", "5"]
    for target in ("y", 0, -3):
        table = csv(file, target)
        assert (table.x.tolist(), table.target.tolist(), table.classes) == ([[1, 2], [5, 6]], [1, 0], ["1", "3"])


def test_the_first_row_is_names_where_a_number_would_stand(file):
    file.write_text("1,2,cat\n3,4,dog\n")
    assert csv(file).x.tolist() == [[1, 2], [3, 4]]
    assert csv(file, header=True).x.tolist() == [[3, 4]]
    file.write_text("1,2,label\n3,4,dog\n")
    assert csv(file, "label").x.tolist() == [[3, 4]]
    file.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="line 1, column 1: expected a finite number, found 'a'"):
        csv(file, header=False)


def test_a_first_row_that_lacks_a_number_is_not_taken_for_names(file):
    for cell in ("", "nan", "1e39"):
        file.write_text(f"1,{cell},cat\n3,4,dog\n")
        with pytest.raises(ValueError, match="line 1, column 2: expected a finite number"):
            csv(file)


def test_rows_without_classes_are_read(file):
    for content in ("1,2\n3,4\n", '\ufeffa,"b, c"\n1,"2"\n\n3,4\n'):
        file.write_text(content)
        x = unlabelled_csv(file)
        assert (x.dtype, x.tolist()) == (np.float32, [[1, 2], [3, 4]])
    for content, match in (
        ("", ": expected at least one row, found none"),
        ("a,b\n", ": expected at least one row of numbers, found none"),
        ("1,2\n3\n", ", line 2: expected 2 columns, found 1"),
        ("a,b\n1,x\n", ", line 2, column 'b': expected a finite number, found 'x'"),
    ):
        file.write_text(content)
        with pytest.raises(ValueError, match=f"^{re.escape(f'{file}{match}')}"):
            unlabelled_csv(file)


def test_what_spreadsheets_add_is_read_too(file):
    file.write_bytes('\ufeffa,"b, c",y\r\n"1",2e-3," x"\r\n,,\r\n'.encode())
    table = csv(file)
    assert (table.x.tolist(), table.classes) == ([[1, float(np.float32(2e-3))]], ["x"])
    assert csv(file, "y").target.tolist() == [0]


def test_classes_are_in_order(file):
    for labels, classes in (
        ("10 9 -1", ["-1", "9", "10"]),
        ("b10 b9 a", ["a", "b10", "b9"]),
        ("2 1 x", ["1", "2", "x"]),
    ):
        file.write_text("".join(f"0,{label}\n" for label in labels.split()))
        table = csv(file)
        assert table.classes == classes
        assert [table.classes[place] for place in table.target] == labels.split()


def test_a_second_table_is_counted_like_the_first(file):
    file.write_text("0,dog\n1,cat\n")
    assert csv(file, classes=["cat", "cow", "dog"]).target.tolist() == [2, 0]
    with pytest.raises(ValueError, match="line 1, column 2: expected one of cat, cow, found 'dog'"):
        csv(file, classes=["cat", "cow"])


@given(
    st.lists(
        st.tuples(st.floats(width=32, allow_nan=False, allow_infinity=False), st.text("abc", min_size=1)), min_size=1
    )
)
def test_what_was_written_is_read_back(file, rows):
    file.write_text("".join(f"{number!r},{label}\n" for number, label in rows))
    table = csv(file)
    assert table.x.tobytes() == np.array([[number] for number, _ in rows], np.float32).tobytes()
    assert [table.classes[place] for place in table.target] == [label for _, label in rows]
    np.savez(file.with_suffix(".npz"), x=table.x, y=np.array([label for _, label in rows]))
    again = npz(file.with_suffix(".npz"))
    assert again.x.tobytes() == table.x.tobytes()
    assert again.target.tolist() == table.target.tolist()
    assert again.classes == table.classes


BROKEN = {
    "empty": ("", -1, ": expected at least one row, found none"),
    "names alone": ("a,b\n", -1, ": expected at least one row and two columns, commas between, found 0 and 2"),
    "one column": ("1\n2\n", -1, ": expected at least one row and two columns, commas between, found 2 and 1"),
    "a word": ("a,y\n1,x\ntwo,x\n", -1, ", line 3, column 'a': expected a finite number, found 'two'"),
    "an empty cell": ("1,2,x\n3,,x\n", -1, ", line 2, column 2: expected a finite number, found ''"),
    "nan": ("1,x\nnan,x\n", -1, ", line 2, column 1: expected a finite number, found 'nan'"),
    "more than float32": ("1,x\n1e39,x\n", -1, ", line 2, column 1: expected a finite number, found '1e39'"),
    "digits as in programs": ("1,x\n1_0,x\n", -1, ", line 2, column 1: expected a finite number, found '1_0'"),
    "a cell less": ("a,b,y\n1,2,x\n\n1,x\n", -1, ", line 4: expected 3 columns, found 2"),
    "a cell more": ("1,x\n1,2,x\n", -1, ", line 2: expected 2 columns, found 3"),
    "no class": ("a,y\n1,x\n2, \n", -1, ", line 3, column 'y': expected a class, found ''"),
    "no such name": ("a,b\n1,x\n", "c", ": expected a column 'c', found a, b"),
    "no such place": ("1,x\n", 2, ": expected a column 2, found 2 columns"),
    "another encoding": ("1,é\n".encode("latin-1"), -1, ": expected UTF-8, found other"),
    "a quotation without end": ('1,x\n2,"y\n' + "z" * 200_000, -1, ", line 3: expected CSV, found other: field larger"),
}


@pytest.mark.parametrize(("content", "target", "match"), BROKEN.values(), ids=BROKEN)
def test_a_broken_table_is_named_by_line_and_column(file, content, target, match):
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=f"^{re.escape(f'{file}{match}')}"):
        csv(file, target)


def test_names_are_looked_for_in_no_table_without_them(file):
    file.write_text("1,x\n")
    with pytest.raises(ValueError, match="expected a column 'x'"):
        csv(file, "x", header=False)


def test_arrays_are_read_and_made_rows(file):
    path = file.with_suffix(".npz")
    x = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
    for name, y in (("y", np.array([7, 3, 7])), ("target", np.array(["b", "a", "b"]))):
        np.savez(path, x=x, **{name: y}, other=np.zeros(1))
        table = npz(path)
        assert (table.x.dtype, table.x.tolist()) == (np.float32, x.reshape(3, 4).tolist())
        assert (table.target.dtype, table.target.tolist()) == (np.int64, [1, 0, 1])
        assert table.classes == sorted({str(label) for label in y.tolist()})
    assert npz(path, classes=["b", "c", "a"]).target.tolist() == [0, 2, 0]


X, Y = np.zeros((2, 3)), np.arange(2)
ARRAYS = [
    ({"x": X}, "expected arrays x and y .*, found x"),
    ({"y": Y}, "expected arrays x and y .*, found y$"),
    ({"data": X, "labels": Y}, "expected arrays x and y .*, found data, labels"),
    ({}, "found none"),
    ({"x": X[:, :0], "y": Y}, "expected x as numbers of shape"),
    ({"x": X, "y": Y, "target": Y}, "found x, y, target"),
    ({"x": X[0], "y": Y}, "expected x as numbers of shape"),
    ({"x": X[:0], "y": Y[:0]}, "expected x as numbers of shape"),
    ({"x": X.astype(str), "y": Y}, "expected x as numbers of shape"),
    ({"x": X, "y": np.arange(3)}, "expected y as 2 integers or strings, found int64 .3,"),
    ({"x": X, "target": Y / 2}, "expected target as 2 integers or strings, found float64"),
    ({"x": np.array([[1.0], [np.inf]]), "y": Y}, r"expected finite numbers, found another in x\[1\]"),
    ({"x": np.array([[1e39], [1.0]]), "y": Y}, r"expected finite numbers, found another in x\[0\]"),
    ({"x": np.array([{}, None]).reshape(2, 1), "y": Y}, "expected a .npz file of arrays"),
]


@pytest.mark.parametrize(("arrays", "match"), ARRAYS, ids=[match for _, match in ARRAYS])
def test_other_arrays_are_refused(file, arrays, match):
    path = file.with_suffix(".npz")
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=match) as caught:
        npz(path)
    assert str(caught.value).startswith(f"{path}: expected")


def test_other_files_are_refused(file):
    path = file.with_suffix(".npz")
    for content in (b"", b"hello", b"PK\3\4 and no more"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"expected a \.npz file of arrays, found another: it is no ZIP file"):
            npz(path)
    with open(path, "wb") as one:
        np.save(one, X)
    with pytest.raises(ValueError, match=r"expected a \.npz file of arrays, found another: it is no ZIP file"):
        npz(path)
    np.savez(path, x=X, y=Y)
    with pytest.raises(ValueError, match="expected y out of 0, found 1"):
        npz(path, classes=["0"])
    for read in (csv, npz):
        with pytest.raises(FileNotFoundError, match="nowhere"):
            read(file.with_name("nowhere"))

"""Text is cut as Unicode says, read alike from every kind of file, and refused by its place where it is none."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import random
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numpy_nn.data.text import TOKENIZERS, Corpus, hangul, lines, tokenizers

PACKED = {".txt": bytes, ".gz": gzip.compress, ".xz": lzma.compress, ".bz2": bz2.compress}
SENTENCE = "Don’t stop: 나는 강아지를 키운다! snake_case, हिन्दी 3.14"
HANGUL = [*range(0xAC00, 0xD7A4)]
LETTERS = "aB'’é中ㅋ_- .\u0301İ가힣각"
TEXTS = st.text(st.sampled_from(LETTERS) | st.sampled_from(HANGUL).map(chr), max_size=20)
WITH_LOOSE_LETTERS = st.text(
    st.sampled_from("a ㄱ\u1100\u1112\u1113\u115f\u1161\u1175\u1176\u11a7\u11a8\u11c2\u11c3")
    | st.sampled_from("가각힣"),
    max_size=20,
).map(lambda text: unicodedata.normalize("NFC", text))


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("text") / "text.txt"


# Hangul


def test_every_syllable_is_its_letters_and_they_are_the_syllable():
    for syllable in map(chr, HANGUL):
        letters = hangul.decompose(syllable)
        assert letters == unicodedata.normalize("NFD", syllable)
        assert hangul.compose(letters) == syllable


@given(WITH_LOOSE_LETTERS)
def test_composed_text_comes_back_from_its_letters(text):
    assert hangul.decompose(text) == unicodedata.normalize("NFD", text)
    assert hangul.compose(hangul.decompose(text)) == text


@given(TEXTS)
def test_what_is_no_hangul_is_kept(text):
    others = [letter for letter in text if ord(letter) not in range(0xAC00, 0xD7A4)]
    assert [letter for letter in hangul.decompose(text) if not re.match(f"[{hangul.JAMO}]", letter)] == others


# Tokenizers


def scanned(text: str) -> list[str]:
    """The words, letter by letter: a word goes on over an apostrophe that has letters on both sides."""
    text = "".join("'" if letter == "’" else letter for letter in unicodedata.normalize("NFC", text)).lower()
    of_a_word = [
        letter.isalnum() or letter == "_" or unicodedata.category(letter) in ("Mn", "Mc", "Me") for letter in text
    ]
    found, word = [], ""
    for place, letter in enumerate(text):
        inside = place and of_a_word[place - 1] and place + 1 < len(text) and of_a_word[place + 1]
        if of_a_word[place] or (letter == "'" and inside):
            word += letter
        elif word:
            found.append(word)
            word = ""
    return [*found, word] if word else found


EXAMPLES = {
    "words": ["don't", "stop", "나는", "강아지를", "키운다", "snake_case", "हिन्दी", "3", "14"],
    "cased": ["Don't", "stop", "나는", "강아지를", "키운다", "snake_case", "हिन्दी", "3", "14"],
    "whitespace": ["Don’t", "stop:", "나는", "강아지를", "키운다!", "snake_case,", "हिन्दी", "3.14"],
    "syllables": ["don't", "stop", *"나는강아지를키운다", "snake_case", "हिन्दी", "3", "14"],
    "jamo": ["don't", "stop", *unicodedata.normalize("NFD", "나는강아지를키운다"), "snake_case", "हिन्दी", "3", "14"],
}


def test_a_sentence_is_cut_as_each_tokenizer_says():
    assert {name: list(tokenizer(SENTENCE)) for name, tokenizer in TOKENIZERS.items()} == EXAMPLES


@given(TEXTS | st.text())
def test_words_are_what_a_scan_letter_by_letter_finds(text):
    assert tokenizers.words(text) == scanned(text)


@given(TEXTS)
def test_decomposed_text_is_cut_into_the_same_words(text):
    for name, tokenizer in [*TOKENIZERS.items(), ("regex", tokenizers.regex(r"\w+"))]:
        assert tokenizer(unicodedata.normalize("NFD", text)) == tokenizer(unicodedata.normalize("NFC", text)), name


def test_decomposed_korean_is_one_word():
    text = unicodedata.normalize("NFD", "한국 한국")
    assert len(text) == 13
    for name in ("words", "cased", "whitespace"):
        assert TOKENIZERS[name](text) == ["한국", "한국"]
    assert tokenizers.syllables(text) == ["한", "국", "한", "국"]


@given(st.text(st.sampled_from("aB é中ㅋ_-가힣각갉괆"), max_size=20))
def test_syllables_and_letters_put_together_are_the_words(text):
    joined = "".join(tokenizers.words(text))
    assert "".join(tokenizers.syllables(text)) == joined
    assert hangul.compose("".join(tokenizers.jamo(text))) == joined
    units = [unit for unit in tokenizers.syllables(text) if re.search("[가-힣]", unit)]
    assert all(len(unit) == 1 for unit in units)


def test_capitals_stay_where_they_are_asked_for():
    assert tokenizers.words("Ab", lower=False) == ["Ab"]
    assert tokenizers.syllables("가Ab", lower=False) == ["가", "Ab"]
    assert tokenizers.jamo("Ab", lower=False) == ["Ab"]
    assert tokenizers.syllables("가Ab") == ["가", "ab"]
    assert tokenizers.jamo("Ab") == ["ab"]


def test_a_regular_expression_gives_whole_matches():
    assert tokenizers.regex("[a-z]+")("an 8 a") == ["an", "a"]
    assert tokenizers.regex("([a-z])([a-z])?")("an 8 a") == ["an", "a"]
    assert tokenizers.regex("[a-z]*")("an 8") == ["an"]
    with pytest.raises(ValueError, match=r"^pattern: expected a regular expression, got '\(': missing \)"):
        tokenizers.regex("(")


# Files


def bare(text: str) -> list[str]:
    """A tokenizer that gives the line."""
    return [text] if text else []


@pytest.mark.parametrize("ending", PACKED)
def test_every_kind_of_file_is_the_same_text_in_every_pass(file, ending):
    path = file.with_suffix(ending)
    path.write_bytes(PACKED[ending]("\ufeffA b\r\n\r\n나는 \n \nc".encode()))
    for source in (path, str(path)):
        corpus = Corpus(source, tokenizers.whitespace)
        assert [list(corpus) for _ in range(2)] == [[["A", "b"], ["나는"], ["c"]]] * 2
        assert list(corpus.documents()) == [[["A", "b"]], [["나는"]], [["c"]]]
    assert list(Corpus(path, bare)) == [["A b"], ["나는 "], [" "], ["c"]]


def test_another_ending_is_plain_text(file):
    path = file.with_suffix(".md")
    path.write_text("a b")
    assert list(Corpus(path)) == [["a", "b"]]
    path = file.with_suffix(".GZ")
    path.write_bytes(gzip.compress(b"a b"))
    assert list(Corpus(path)) == [["a", "b"]]


def test_a_folder_is_its_files_in_order(tmp_path):
    contents = {"b.txt": b"b", "a/z.TXT": b"z", "a/y.gz": gzip.compress(b"y"), "c.md": b"no", ".d.txt": b"\0"}
    contents |= {".hidden/e.txt": b"\0", "a/empty.txt": b""}
    for name, content in contents.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    assert list(Corpus(tmp_path)) == [["y"], ["z"], ["b"]]
    assert list(Corpus(tmp_path).documents()) == [[["y"]], [["z"]], [["b"]]]


def test_strings_are_lines_or_several():
    corpus = Corpus(("A b.", "c\r\nd\n\ne\n", "", "f\n", "g"))
    assert list(corpus) == list(corpus) == [["a", "b"], ["c"], ["d"], ["e"], ["f"], ["g"]]
    assert list(corpus.documents()) == [[["a", "b"], ["c"], ["d"]], [["e"]], [["f"], ["g"]]]
    assert list(Corpus(["a\n…\nb"]).documents()) == [[["a"], ["b"]]]
    assert list(Corpus([])) == list(Corpus([" ", "…"])) == []


def test_the_tokenizer_is_given_the_form_that_is_asked_for():
    text = "ﬁ 각"
    assert list(Corpus([text], bare)) == [["ﬁ 각"]]
    assert list(Corpus([text], bare, normalize="NFKC")) == [["fi 각"]]
    assert list(Corpus([text], bare, normalize=None)) == [[text]]


def test_any_callable_cuts():
    assert list(Corpus(["ab c"], lambda line: (letter for letter in line if letter != " "))) == [["a", "b", "c"]]
    assert repr(Corpus(["a"])) == "Corpus('list of strings', words)"


LINES = st.lists(st.text(st.sampled_from("ab  é가😀\u0301"), max_size=30).map(str.strip).filter(len), max_size=4)


@given(LINES, st.integers(8, 24), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_long_line_comes_in_pieces_that_are_the_line(file, texts, longest, end, ended):
    file.write_bytes(end.join(texts).encode() + end.encode() * ended)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "_LONGEST", longest)
        pieces = list(lines.lines_of_file(file))
    assert "".join(pieces) == "".join(texts)
    assert all(pieces) or not texts
    assert max((len(piece.encode()) for piece in pieces), default=0) <= longest
    whole = {word for text in texts for word in text.split()}
    if all(len(word.encode()) < longest - 2 for word in whole):
        assert {word for piece in pieces for word in piece.split()} == whole


def test_a_line_longer_than_a_mebibyte_is_not_read_at_once(file):
    sizes = []

    def measured(text: str) -> list[str]:
        sizes.append(len(text.encode()))
        return text.split()

    words = [f"word{number}" for number in range(300_000)]
    file.write_text(" ".join(words))
    assert [word for sentence in Corpus(file, measured) for word in sentence] == words
    assert max(sizes) <= 1 << 20
    assert len(sizes) == 1 + file.stat().st_size // (1 << 20) + 1  # the last one is what ends the document
    file.write_text("가" * 700_000, encoding="utf-8")
    assert "".join(word for sentence in Corpus(file) for word in sentence) == "가" * 700_000


# What is no text


@given(
    st.text(max_size=40), st.integers(0, 40), st.sampled_from([b"\xff", b"\xc3", b"\xe2\x82", b"\x80", b"\xed\xa0\x80"])
)
def test_bytes_that_are_no_utf_8_are_named_by_their_place(file, text, place, bad):
    content = text.replace("\0", "\n")[:place].encode("utf-8", "ignore") + bad + b" \nand more"
    with pytest.raises(UnicodeDecodeError) as expected:
        content.decode()
    file.write_bytes(content)
    start, end = expected.value.start, expected.value.end
    message = f"{file}: expected text in UTF-8, found 0x{content[start:end].hex()} at byte {start:,}: another encoding"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        list(Corpus(file))
    for errors in ("replace", "ignore"):
        lenient = list(Corpus(file, tokenizers.whitespace, errors=errors))
        decoded = unicodedata.normalize("NFC", content.decode("utf-8", errors).removeprefix("\ufeff"))
        assert lenient == [line.split() for line in decoded.split("\n") if line.split()]


def test_the_place_counts_from_the_start_of_the_unpacked_file(file):
    content = b"one\n" * 300 + b"caf\xe9\n"
    for ending, pack in PACKED.items():
        path = file.with_suffix(ending)
        path.write_bytes(pack(content))
        with pytest.raises(ValueError, match="found 0xe9 at byte 1,203: "):
            list(Corpus(path))


@pytest.mark.parametrize("content", [b"PK\n\0\xff\0", "a\nb".encode("utf-16"), b"\0\xff"])
def test_a_binary_file_is_refused(file, content):
    file.write_bytes(content)
    for errors in ("strict", "replace"):
        message = f"{file}: expected text in UTF-8, found a NUL byte at byte {content.index(0)}: a binary file, or"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
            list(Corpus(file, errors=errors))


@pytest.mark.parametrize("ending", [".gz", ".xz", ".bz2"])
def test_a_file_that_is_not_packed_as_its_name_says_is_refused(file, ending):
    path = file.with_suffix(ending)
    packed = PACKED[ending](random.Random(0).randbytes(3000).hex().encode())
    damaged = bytearray(packed)
    damaged[len(packed) // 2] ^= 255
    for content in (b"plain text", packed[:-9], bytes(damaged)):
        path.write_bytes(content)
        message = f"{path}: expected a whole {ending} file, found another: "
        with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
            list(Corpus(path))


REFUSED = {
    "no such file": (
        FileNotFoundError,
        "source: expected a file or a folder, got 'nowhere'",
        lambda: Corpus("nowhere"),
    ),
    "a text": (FileNotFoundError, "text itself goes in a list", lambda: Corpus("a text, no name. " * 1000)),
    "an iterator": (TypeError, "source: expected strings that can be read several times", lambda: Corpus(iter("ab"))),
    "bytes": (TypeError, "source: expected a path or strings, got bytes", lambda: Corpus(b"ab")),
    "a number": (TypeError, "source: expected a path or strings, got int", lambda: Corpus(3)),
    "numbers": (TypeError, "source: expected strings, got int among them", lambda: list(Corpus(["a", 3]))),
    "no tokenizer": (TypeError, "tokenizer: expected a callable of a string, got 'words'", lambda: Corpus([], "words")),
    "no words": (
        TypeError,
        "tokenizer: expected the words of a line, got a string",
        lambda: [*Corpus(["A"], str.lower)],
    ),
    "errors": (ValueError, "errors: expected one of 'strict', 'replace'", lambda: Corpus([], errors="none")),
    "form": (ValueError, "normalize: expected one of 'NFC', 'NFKC', None", lambda: Corpus([], normalize="NFD")),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_corpus_is_refused(what):
    error, message, call = REFUSED[what]
    with pytest.raises(error, match=message):
        call()


def test_a_folder_without_texts_is_refused(tmp_path):
    (tmp_path / "a.md").write_text("a")
    with pytest.raises(
        FileNotFoundError, match=r"expected files that end with \.txt, \.gz, \.xz, \.bz2 in .*found none"
    ):
        Corpus(tmp_path)


@pytest.mark.skipif(
    "NN_DATA" not in os.environ, reason="needs real texts: set NN_DATA to the folder that holds text-en"
)
def test_tiny_shakespeare_has_its_words():
    corpus = Corpus(Path(os.environ["NN_DATA"], "text-en", "tinyshakespeare.txt.xz"), tokenizers.whitespace)
    assert sum(map(len, corpus)) == 202_651

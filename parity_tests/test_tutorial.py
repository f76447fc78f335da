"""docs/tutorial.md and docs/words.md: their code runs, by hand and in PyTorch, and both print what the page says."""

from __future__ import annotations

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"
PARTS = {"tutorial": 12, "words": 15}
LINKS = {"tutorial": 3, "words": 8}
BLOCK = re.compile(r"^```(python numpy|python torch|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[tuple[str, str]]:
    """The kind and the content of every block of code or output, in order."""
    return BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PARTS)
def test_every_part_prints_what_the_page_says(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scopes: dict[str, dict[str, Any]] = {"python numpy": {"__name__": "numpy"}, "python torch": {"__name__": "torch"}}
    printed: list[str] = []
    parts = 0
    for kind, content in blocks(f"{page}.md"):
        if kind != "text":
            output = StringIO()
            with redirect_stdout(output):
                exec(compile(content, f"<{kind} {parts + 1}>", "exec"), scopes[kind])
            printed.append(output.getvalue())
            continue
        parts += 1
        assert printed == [content, content], f"part {parts}"
        printed.clear()
    assert parts == PARTS[page]


@pytest.mark.parametrize("page", PARTS)
def test_the_korean_page_has_the_same_code(page: str) -> None:
    assert blocks(f"{page}.ko.md") == blocks(f"{page}.md")


@pytest.mark.parametrize("language", ["", ".ko"])
@pytest.mark.parametrize("page", LINKS)
def test_every_link_leads_somewhere(page: str, language: str) -> None:
    links = re.findall(r"\]\(((?!http)[^)]+)\)", (DOCS / f"{page}{language}.md").read_text(encoding="utf-8"))
    assert len(links) == LINKS[page]
    assert [link for link in links if not (DOCS / link).exists()] == []

"""The report as one self-contained HTML page."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path

from parity_tests.lockstep import Lockstep
from parity_tests.report import AGREES, Line

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1080px; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem }
th, td { padding: .3rem .6rem; border-bottom: 1px solid #ddd; text-align: right }
td { white-space: nowrap }
th:first-child, td:first-child, th.text, td.text { text-align: left; white-space: normal }
.wrong { color: #b00020; font-weight: 600 } .right { color: #1b7f3b } img { max-width: 100% }
"""


def page(run: Lockstep, lines: list[Line], picture: Path) -> str:
    """The lockstep table, its picture and the parity report."""
    image = base64.b64encode(picture.read_bytes()).decode()
    epochs = "".join(
        f"<tr><td>{row.epoch}</td><td>{row.losses[0]:.10f}</td><td>{row.losses[1]:.10f}</td>"
        f"<td>{row.accuracies[0]:.2%}</td><td>{row.accuracies[1]:.2%}</td><td>{row.difference:.1e}</td>"
        f"<td>{row.milliseconds[0]:.3f}</td><td>{row.milliseconds[1]:.3f}</td></tr>"
        for row in run.rows
    )
    proofs = "".join(
        f"<tr><td>{escape(line.name)}</td>{_witnesses(line)}<td>{line.cases:,}</td><td>{line.error:.1f}</td>"
        f"<td>{line.bound:.1f}</td><td>{margin(line)}</td></tr>"
        for line in lines
    )
    settings = run.settings
    verdict = '<span class="right">it holds' if run.holds else '<span class="wrong">it does not hold'
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>numpy_nn: parity report</title>
<style>{STYLE}</style>
<h1>numpy_nn and PyTorch, side by side</h1>
<h2>Lockstep on {escape(settings.data)}</h2>
<p>{escape(settings.optimizer)}, {settings.dtype}, seed {settings.seed}: no weight may end further apart than
{run.bound:.1e}; {verdict}</span>.</p>
<img alt="Losses of both, their difference, and test images with both predictions" src="data:image/png;base64,{image}">
<table><tr><th>epoch</th><th>loss, NumPy</th><th>loss, PyTorch</th><th>accuracy, NumPy</th><th>accuracy, PyTorch</th>
<th>largest difference</th><th>ms/step, NumPy</th><th>ms/step, PyTorch</th></tr>{epochs}</table>
<h2>Parity</h2>
<p>For each name the comparison that came nearest to its bound. Errors and bounds are counted in roundings: u is half
the distance from 1 to the next number, S the formula computed on absolute values.</p>
<table><tr><th>name</th><th class="text">witnesses</th><th>cases</th><th>worst error, u S</th><th>its bound, u S</th>
<th>margin</th></tr>
{proofs}</table></html>
"""


def margin(line: Line) -> str:
    """How many times the error fits into its bound, or that there was none."""
    return "exact" if not line.error else f"{line.margin:.1f}×"


def _witnesses(line: Line) -> str:
    parts = [
        f'<span class="{"right" if found == AGREES else "wrong"}">{escape(witness)}'
        f"{'' if found == AGREES else ': ' + escape(found)}</span>"
        for witness, found in line.witnesses.items()
    ]
    return f'<td class="text">{", ".join(parts)}</td>'

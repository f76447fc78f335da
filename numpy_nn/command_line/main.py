"""Runs the command that was typed."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from numpy_nn.command_line import embed, evaluate, explain, explore, inspect, predict, schedule, train, transfer
from numpy_nn.command_line.wing import Wing
from numpy_nn.word2vec import UnknownWordError

EXAMPLES = """\
examples:
  python -m {wing} train --data digits --epochs 30
  python -m {wing} evaluate results/{wing}.pth
  python -m {wing} predict results/{wing}.pth three.png
  python -m {wing} explain results/{wing}.pth three.png
  python -m {wing} transfer
  python -m {wing} inspect results/{wing}.pth
  python -m {wing} schedule one-cycle --lr 0.1
  python -m {wing} explore xor
  python -m {wing} embed train
"""
MISTAKES = (ValueError, TypeError, IndexError, OSError, ImportError, MemoryError, UnknownWordError)
"""What a wrong argument or a file that does not fit raises; its message is for the person who typed it."""


def main(wing: Wing, arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status: 0, 2 for a mistake in what was typed or given, 130 after Ctrl-C."""
    _show_anything()
    parser = argparse.ArgumentParser(
        prog=f"python -m {wing.name}",
        description=wing.__doc__,
        epilog=EXAMPLES.format(wing=wing.name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (train, evaluate, predict, explain, transfer):
        command.add(commands, wing)
    for command in (inspect, schedule, explore, embed):
        command.add(commands)
    parsed = parser.parse_args(arguments)
    try:
        status: int = parsed.run(parsed)
        print(end="", flush=True)
        return status
    except BrokenPipeError:  # whoever read our output has had enough, as head has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MISTAKES as error:
        why = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else error
        print(f"python -m {wing.name}: {why}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _show_anything() -> None:
    """Let a terminal that lacks a character show another in its place."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")

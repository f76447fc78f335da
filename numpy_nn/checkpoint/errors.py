"""What is raised for a file that cannot be read."""

from __future__ import annotations


class CheckpointError(ValueError):
    """A checkpoint that is damaged, hostile, or holds what is not plain data; names the file and what is wrong."""

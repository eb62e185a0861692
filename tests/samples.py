"""Real files outside the repository: used where they are, and said so where they are not."""

import os
from pathlib import Path

import pytest

SAMPLES = Path(
    os.environ.get("MDT_SAMPLES", Path(__file__).resolve().parents[2] / "shared" / "samples")
)


def sample(path: str) -> Path:
    """Return a file or folder of the samples, or skip the test with the reason."""
    found = SAMPLES / path
    if not found.exists():
        pytest.skip(f"sample {path} is not on this machine (set MDT_SAMPLES)")
    return found

"""A discussed case whose opinion is to be written."""

import pytest
from flask import Flask

from tests.board import Board
from tests.plans import Opinion, conclude
from tests.world import World


@pytest.fixture
def opinion(app: Flask, world: World, board: Board) -> Opinion:
    """County A's case, discussed by the whole panel."""
    return conclude(app, world, board)

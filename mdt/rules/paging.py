"""Lists that are shown a page at a time."""

from typing import ClassVar


class Paged:
    """One page of a list that has ``total`` entries; pages count from 1."""

    page_size: ClassVar[int] = 50
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.page_size))

from mdt.blueprints.admin import (
    accounts,
    agreements,
    hospitals,
    overview,
    pacs,
    people,
    regions,
    teams,
)
from mdt.blueprints.admin.blueprint import bp

__all__ = [
    "accounts",
    "agreements",
    "bp",
    "hospitals",
    "overview",
    "pacs",
    "people",
    "regions",
    "teams",
]

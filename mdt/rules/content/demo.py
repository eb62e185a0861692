"""The invented cases that show the system; every person and hospital in them is fictitious."""

from typing import Any

from mdt.rules.content.files import content


def demo_hospitals() -> tuple[dict[str, Any], ...]:
    """Invented hospitals, as the file has them."""
    return tuple(content("demo_cases")["hospitals"])


def demo_cases() -> tuple[dict[str, Any], ...]:
    """Invented cases with reports, stages, sessions and what the checklist should find."""
    return tuple(content("demo_cases")["cases"])

"""The invented cases that show the system; every person and hospital in them is fictitious."""

from datetime import date
from typing import Any

from mdt.rules.content.files import content


def demo_hospitals() -> tuple[dict[str, Any], ...]:
    """Invented hospitals, as the file has them."""
    return tuple(content("demo_cases")["hospitals"])


def demo_cases() -> tuple[dict[str, Any], ...]:
    """Invented cases with reports, stages, sessions and what the checklist should find."""
    return tuple(content("demo_cases")["cases"])


def demo_variants() -> tuple[dict[str, Any], ...]:
    """Further patients, each with what differs from the case named by ``base``."""
    return tuple(content("demo_variants")["cases"])


def demo_prepared_on() -> date:
    """The day that was today when the cases were written."""
    return date.fromisoformat(content("demo_cases")["meta"]["prepared"])

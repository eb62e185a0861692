"""Tables. Importing the package registers all of them with the metadata."""

from mdt.models import (
    attachments,
    audit,
    base,
    cases,
    conferences,
    coverage,
    discussion,
    identity_checks,
    inbox,
    patients,
    people,
    plans,
    regions,
    register_drafts,
    register_imports,
    tumours,
)

__all__ = [
    "attachments",
    "audit",
    "base",
    "cases",
    "conferences",
    "coverage",
    "discussion",
    "identity_checks",
    "inbox",
    "patients",
    "people",
    "plans",
    "regions",
    "register_drafts",
    "register_imports",
    "tumours",
]

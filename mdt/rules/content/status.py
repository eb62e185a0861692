"""Whether a clinician has signed the content: pages that show it show this mark."""

from dataclasses import dataclass

from mdt.rules.content.files import content

NEEDS_SIGN_OFF = "needs sign-off by a clinician"
FILES = ("tumour_types", "checklists", "plan_templates", "reasons", "disciplines", "item_terms")


@dataclass(frozen=True, slots=True)
class ContentStatus:
    """The mark of a content file: who may rely on it, and its version."""

    file: str
    version: str
    status: str
    status_zh: str

    @property
    def signed(self) -> bool:
        """A named clinician has signed the file."""
        return self.status != NEEDS_SIGN_OFF

    def label(self, locale: str) -> str:
        """The mark in words."""
        return self.status if str(locale).startswith("en") else self.status_zh


def content_status(file: str = "tumour_types") -> ContentStatus:
    """The mark of one content file (see ``FILES``), as the file itself declares it."""
    meta = content(file)["meta"]
    return ContentStatus(file, meta["version"], meta["status"], meta["status_zh"])

"""Every text of the code has an English translation: `python -m tools.check_translations`.

A text counts as translated when its entry is not fuzzy, not empty, holds no Chinese character,
and names the same placeholders as the text itself.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from tools.steps import ROOT
from tools.toolchain import BIN

CATALOGUE = ROOT / "mdt" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = ("lazy_gettext", "lazy_ngettext:1,2", "lazy_pgettext:1c,2")
CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{\w*\}")


def main() -> None:
    """Print what is missing, and end with 1 where something is."""
    if not CATALOGUE.exists():
        sys.exit(f"There is no {CATALOGUE.relative_to(ROOT)}")
    english = _read(CATALOGUE)
    wrong = [
        f"{_place(message)}: {fault}: {_texts(message.id)[0]}"
        for message in extract()
        if message.id and (fault := fault_of(message, english))
    ]
    print(*wrong, sep="\n")
    if wrong:
        sys.exit(f"{len(wrong)} texts lack an English translation")
    print("Every text has an English translation")


def extract() -> Catalog:
    """Collect the texts of code and templates."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "messages.pot"
        keywords = [part for keyword in KEYWORDS for part in ("-k", keyword)]
        command = [BIN / "pybabel", "-q", "extract", "-F", "babel.cfg", *keywords]
        subprocess.run([*command, "-o", target, "mdt"], cwd=ROOT, check=True)
        return _read(target)


def fault_of(message: Message, english: Catalog) -> str | None:
    """Say what is wrong with a text's translation; None: nothing."""
    found = english.get(_texts(message.id)[0], message.context)
    if found is None:
        return "not in the catalogue"
    if found.fuzzy:
        return "fuzzy"
    translations = _texts(found.string)
    if not all(translations):
        return "empty"
    if any(CHINESE.search(text) for text in translations):
        return "Chinese characters in the translation"
    wanted = set(PLACEHOLDER.findall("".join(_texts(message.id))))
    if wanted != set(PLACEHOLDER.findall("".join(translations))):
        return "other placeholders"
    return None


def _texts(value: str | tuple[str, ...] | list[str]) -> list[str]:
    """List the singular alone, or the singular and the plural."""
    return [value] if isinstance(value, str) else list(value)


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def _place(message: Message) -> str:
    return next((f"{path}:{line}" for path, line in message.locations), "?")


if __name__ == "__main__":
    main()

"""Bring the English catalogue up to date: `python -m tools.update_translations [FILE.json ...]`.

Translations come from the catalogue as it is, and then from the JSON files, each an object
{text: English}, or {text: [singular, plural]} for a text that counts. A text with a context is
named as "context|text". What the code no longer says is dropped. With --missing, the texts that
lack a translation are printed as JSON, each with the files that it stands in.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from tools.check_translations import CATALOGUE, extract, fault_of

Translation = str | list[str]

# Babel's own header holds dates, which would change every time.
HEADER = rb"""msgid ""
msgstr ""
"Project-Id-Version: mdt\n"
"Language: en\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""


def main() -> None:
    """Write the catalogue; print what it lacks."""
    arguments = sys.argv[1:]
    added = _added(Path(name) for name in arguments if name != "--missing")
    catalogue = merge(extract(), _existing(), added)
    _write(catalogue)
    missing = {
        _key(message): sorted({path for path, _ in message.locations})
        for message in catalogue
        if message.id and fault_of(message, catalogue)
    }
    if "--missing" in arguments:
        print(json.dumps(missing, ensure_ascii=False, indent=1))
    print(f"{len(catalogue)} texts, {len(missing)} untranslated", file=sys.stderr)


def merge(extracted: Catalog, existing: Catalog, added: dict[str, Translation]) -> Catalog:
    """Give every text of the code its translation: an added one, else the existing one."""
    merged = Catalog(locale="en", project="mdt", fuzzy=False)
    for message in extracted:
        if not message.id:
            continue
        known = existing.get(_first(message.id), message.context)
        kept = known.string if known and not known.fuzzy else None
        words = added.get(_key(message), kept or "")
        merged.add(
            message.id,
            _in_shape(message, words),
            locations=sorted({(path, 0) for path, _ in message.locations}),
            flags=message.flags - {"fuzzy"},
            context=message.context,
        )
    return merged


def _in_shape(message: Message, words: Translation | tuple[str, ...]) -> str | tuple[str, ...]:
    """Shape a translation as its text: one form, or a singular and a plural."""
    forms = [words] if isinstance(words, str) else list(words)
    if message.pluralizable:
        return (forms[0], forms[-1])
    return forms[0]


def _existing() -> Catalog:
    if not CATALOGUE.exists():
        return Catalog(locale="en")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def _added(paths: Iterable[Path]) -> dict[str, Translation]:
    added: dict[str, Translation] = {}
    for path in paths:
        added.update(json.loads(path.read_text(encoding="utf-8")))
    return added


def _write(catalogue: Catalog) -> None:
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        file.write(HEADER)
        options = {"omit_header": True, "sort_output": True, "include_lineno": False}
        write_po(file, catalogue, width=0, **options)


def _key(message: Message) -> str:
    text = _first(message.id)
    return f"{message.context}|{text}" if message.context else text


def _first(value: str | tuple[str, ...] | list[str]) -> str:
    return value if isinstance(value, str) else value[0]


if __name__ == "__main__":
    main()

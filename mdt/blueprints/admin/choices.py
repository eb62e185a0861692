"""Choices of the forms, in the reader's language."""

from collections.abc import Iterable
from difflib import get_close_matches

from flask_babel import gettext

from mdt.queries import places
from mdt.rules.access import Role
from mdt.rules.content import disciplines, titles
from mdt.web.templating import label_of, role_labels

Choices = list[tuple[str, str]]


def of_terms(terms: Iterable[object]) -> Choices:
    """Entries of a code list."""
    return [(str(getattr(term, "code", "")), label_of(term)) for term in terms]


def of_things(things: Iterable[object]) -> Choices:
    """Places by their number."""
    return [(str(getattr(thing, "id", "")), label_of(thing)) for thing in things]


def with_none(choices: Choices, words: str | None = None) -> Choices:
    """The same, with nothing to choose as the first choice."""
    return [("", words if words is not None else gettext("请选择")), *choices]


def hospitals() -> Choices:
    """Hospitals with their codes, as two may bear the same name."""
    opening, closing = gettext("（"), gettext("）")
    return [
        (str(one.id), f"{label_of(one)}{opening}{one.code}{closing}")
        for one in places.list_hospitals()
    ]


def regions() -> Choices:
    """Region codes with the whole path of names, for a data list."""
    known = {one.code: one for one in places.region_choices()}

    def path(code: str | None) -> list[str]:
        one = known.get(code or "")
        return [*path(one.parent_code), label_of(one)] if one else []

    return [(code, " ".join(path(code))) for code in known]


def matching_regions(text: str) -> Choices:
    """Regions that a typed name may mean: those of this very name, else of which it is a part.

    A path may be typed with or without its blanks.
    """
    wanted, names = _squeezed(text), _region_names()
    known = [(code, path, names[code], _squeezed(path)) for code, path in regions()]
    same = [(code, path) for code, path, own, whole in known if wanted in {own, whole}]
    part = [(code, path) for code, path, own, _ in known if wanted in own]
    return same or part or [(code, path) for code, path, _, whole in known if wanted in whole]


def nearest_regions(text: str) -> Choices:
    """Regions whose names look like what was typed."""
    names = _region_names()
    near = get_close_matches(_squeezed(text), names.values(), cutoff=0.5)
    return [(code, path) for code, path in regions() if names[code] in near]


def _region_names() -> dict[str, str]:
    return {one.code: _squeezed(label_of(one)) for one in places.region_choices()}


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def discipline_choices() -> Choices:
    """All disciplines."""
    return of_terms(disciplines())


def title_choices() -> Choices:
    """All professional titles."""
    return of_terms(titles())


def roles(some: Iterable[Role]) -> Choices:
    """These roles by name."""
    words = role_labels()
    return [(role.value, words[role]) for role in some]


def number_or_none(text: str) -> int | None:
    """What a choice of a place stands for."""
    return int(text) if text else None

"""One tumour entered by hand: what is offered and filled in while a person types.

What is typed are cells of a row of the register file, and ``parse_row`` judges them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from mdt.rules.case_stage import effective_from
from mdt.rules.icd10 import find_icd10, looks_like_code, parse_icd10
from mdt.rules.identity import RESIDENT_CARD, IdNumber, age_on, check_id_number
from mdt.rules.registry.values import (
    cell_text,
    plain_text,
    read_code,
    read_date,
    read_edition,
    read_staging_system,
)
from mdt.rules.staging import (
    RegisterStage,
    StagingTable,
    judge_register_stage,
    system_code,
    tables_for,
)

Cells = Mapping[str, str]
"""What was typed, by column of the register file; a column that is missing is empty."""


@dataclass(frozen=True, slots=True)
class StageChoices:
    """What the tables of a site offer; ``system`` and ``edition`` are those in force that day."""

    system: str = ""
    edition: str = ""
    t: tuple[str, ...] = ()
    n: tuple[str, ...] = ()
    m: tuple[str, ...] = ()
    stage_group: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What follows from the cells so far; empty where they do not say enough.

    ``sex`` and ``birth_date`` are those of the identity number.
    """

    icd10: str
    sex: str
    birth_date: date | None
    stage: RegisterStage
    choices: StageChoices


def site_of(text: str) -> str:
    """The ICD-10 code of what was typed: a code, a code with its words, or the site's name.

    What names no site, or several, stays as it was typed.
    """
    first = text.strip().split(" ")[0]
    if looks_like_code(first):
        return first
    return find_icd10(text) or text


def preview(cells: Cells, today: date) -> Preview:
    """Say what follows from the cells, complete or not."""
    site = parse_icd10(site_of(cells.get("icd10", "")))
    code = site.code if site else ""
    person = _person(cells, today)
    born = _day(cells, "birth_date") or (person.birth_date if person else None)
    day = _day(cells, "diagnosis_date")
    return Preview(
        icd10=code,
        sex=person.sex if person else "",
        birth_date=person.birth_date if person else None,
        stage=_stage(cells, code, age_on(born, day) if born and day else None),
        choices=stage_choices(cells, code, _day(cells, "stage_date") or day),
    )


def _person(cells: Cells, today: date) -> IdNumber | None:
    kind = read_code("id_type", cells.get("id_type")) or RESIDENT_CARD
    read = check_id_number(plain_text(cells.get("id_number")), today)
    return read if kind == RESIDENT_CARD and isinstance(read, IdNumber) else None


def _day(cells: Cells, column: str) -> date | None:
    try:
        return read_date(cells.get(column))
    except ValueError:
        return None


def _edition(cells: Cells) -> str:
    _, beside = read_staging_system(cells.get("staging_system"))
    return read_edition(cells.get("staging_edition")) or beside


def _basis(cells: Cells) -> str:
    return read_code("stage_basis", cells.get("stage_basis")) or ""


def _stage(cells: Cells, icd10: str, age: int | None) -> RegisterStage:
    return judge_register_stage(
        icd10=icd10,
        morphology=cell_text(cells.get("morphology")),
        system=cell_text(cells.get("staging_system")),
        edition=_edition(cells),
        basis=_basis(cells),
        t=cell_text(cells.get("t")),
        n=cell_text(cells.get("n")),
        m=cell_text(cells.get("m")),
        group=cell_text(cells.get("stage_group")),
        age=age,
    )


def stage_choices(cells: Cells, icd10: str, day: date | None) -> StageChoices:
    """The categories and groups to choose from at a site, by the edition of the row, if any."""
    fitting = [
        table
        for table in tables_for(icd10, cell_text(cells.get("morphology")))
        if icd10 and table.classification in {"any", _basis(cells) or "c"}
    ]
    staged = [table for table in fitting if table.t]
    current = _in_force(staged or fitting, day)
    edition = _edition(cells) or (current.edition if current and staged else "")
    named = [table for table in fitting if not edition or edition in table.editions or not table.t]
    return StageChoices(
        system="TNM" if staged else system_code(current.system) if current else "",
        edition=current.edition if current and staged else "",
        t=_together(table.categories("t") for table in named),
        n=_together(table.categories("n") for table in named),
        m=_together(table.categories("m") for table in named),
        stage_group=_together(table.stages for table in named),
    )


def _in_force(tables: Iterable[StagingTable], day: date | None) -> StagingTable | None:
    """The table of the newest edition that was in use on a day."""
    dated = [
        (effective_from(table) or date.min, -place, table) for place, table in enumerate(tables)
    ]
    in_use = [one for one in dated if day is None or one[0] <= day]
    return max(in_use, key=lambda one: one[:2])[2] if in_use else None


def _together(lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for values in lists for value in values))

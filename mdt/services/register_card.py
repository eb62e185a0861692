"""The report card of one tumour, to look at or as PDF; who took it out stands on it."""

from dataclasses import dataclass, replace
from datetime import datetime

from mdt.adapters.register_card_pdf import PrintedCard, render_card
from mdt.models.tumours import Tumour
from mdt.queries import registry as queries
from mdt.queries.patients import Identity, open_identity
from mdt.queries.register_history import cells_of
from mdt.rules.access import Permission, Viewer, may
from mdt.rules.audit import AuditAction
from mdt.rules.calendar import local_date, local_time
from mdt.rules.coverage import export_mark
from mdt.rules.identity import age_on
from mdt.rules.registry.card import CARD_TITLE, CardFrame, CardPerson, CardSection, card_sections
from mdt.rules.registry.entry import preview
from mdt.services.unit_of_work import unit_of_work


@dataclass(frozen=True, slots=True)
class RegisterCard:
    """A card as its reader may see it; ``mark`` says who took it out and when."""

    tumour_id: int
    sections: tuple[CardSection, ...]
    mark: str


def make_card(viewer: Viewer, tumour_id: int, kind: str, *, now: datetime) -> RegisterCard:
    """Fill in the card of a row; ``kind`` is ``page`` or ``pdf``.

    By name inside the own hospital (masked for who may not see names in full), without anything of
    the person above it. Raises `NotFound` for a row out of sight. Side effects: an audit row.
    """
    today = local_date(now)
    with unit_of_work(viewer, AuditAction.REGISTRY_EXPORT, now=now) as work:
        tumour = queries.get_tumour(viewer, tumour_id)
        who, own = open_identity(tumour.patient), queries.shows_names(viewer, tumour.hospital_id)
        cells = cells_of(tumour, who)
        person = _named(viewer, tumour, who) if own else _nameless(tumour, who)
        frame = CardFrame(
            number=f"{tumour.hospital.code}-{tumour.id}",
            hospital=tumour.hospital.name_zh,
            doctor=viewer.name if own else "",
            reported_on=today,
            shown=own,
        )
        work.about(tumour, file="card", kind=kind)
        sections = card_sections(cells, preview(cells, today).stage.stage, person, frame)
        return RegisterCard(tumour_id, sections, export_mark(viewer.name, now).zh)


def _nameless(tumour: Tumour, who: Identity) -> CardPerson:
    born = f"{who.birth_date.year} 年" if who.birth_date else ""
    return CardPerson(tumour.patient.sex, _age(tumour, who), born)


def _named(viewer: Viewer, tumour: Tumour, who: Identity) -> CardPerson:
    if not may(viewer, Permission.PATIENT_UNMASK):
        who = replace(who, name=who.masked_name, id_number=who.masked_id_number, phone="")
    return CardPerson(
        sex=tumour.patient.sex,
        age=_age(tumour, who),
        born=who.birth_date.isoformat() if who.birth_date else "",
        name=who.name,
        id_type=who.id_type,
        id_number=who.id_number,
        mrn=who.mrn,
        phone=who.phone,
        residence_code=who.residence_code,
    )


def _age(tumour: Tumour, who: Identity) -> int | None:
    return age_on(who.birth_date, tumour.diagnosis_date) if who.birth_date else None


def print_card(viewer: Viewer, tumour_id: int, *, now: datetime) -> bytes:
    """The same as PDF."""
    card = make_card(viewer, tumour_id, "pdf", now=now)
    return render_card(
        PrintedCard(
            title=CARD_TITLE,
            sections=[(section.title, section.fields) for section in card.sections],
            mark=card.mark,
            watermark=f"{viewer.name} {local_time(now):%Y-%m-%d %H:%M}",
            author=viewer.name,
            made_at=now,
        )
    )

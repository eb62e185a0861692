"""Who was there, whether that was a quorum, and who has to sign for it.

Source: 远程医疗服务管理规范（试行）, 国卫医发〔2018〕25号: the consulting side's physicians have
at least three years of independent practice in their field and sign the report. Which disciplines
a team asks for is a setting of the team.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from mdt.rules.access import Role

#: Seats that count for the quorum: people who give an opinion, not those who present or listen.
COUNTING_ROLES = frozenset({Role.CHAIR, Role.EXPERT})
#: The slot of the chair among the signers; no discipline has this code.
CHAIR_SLOT = "chair"
YEARS_OF_PRACTICE_TO_SIGN = 3
#: Codes of ``override_reasons`` for which a chair may let an opinion be signed without a quorum.
QUORUM_OVERRIDE_REASONS = ("emergency", "palliative_only", "unusual_tumour", "other")


@dataclass(frozen=True, slots=True)
class Attendance:
    """One person at the discussion of one case, with the role of the seat taken."""

    user_id: int
    hospital_id: int
    discipline: str
    role: str

    @property
    def counts(self) -> bool:
        """Whether this person stands for a discipline."""
        return self.role in COUNTING_ROLES and bool(self.discipline)


@dataclass(frozen=True, slots=True)
class QuorumRule:
    """What a team asks for; ``may_be_filled_by`` maps a discipline to those that may stand in."""

    core_disciplines: tuple[str, ...]
    min_disciplines: int
    may_be_filled_by: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quorum:
    """Answer of `quorum`; ``missing`` is shown even where the quorum is met without it."""

    met: bool
    present: frozenset[str]
    missing: tuple[str, ...]
    filled_by: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SignerNeed:
    """One signature that is asked for: ``slot`` is `CHAIR_SLOT` or a core discipline."""

    slot: str
    user_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class SignatureState:
    """Who of the needed has signed, which slots are still owed, whether that is all."""

    signed: tuple[int, ...]
    owed: tuple[str, ...]
    complete: bool


def quorum(attendance: Iterable[Attendance], rule: QuorumRule) -> Quorum:
    """Whether enough disciplines were there.

    At least ``min_disciplines`` in all, and as many of the core disciplines (all of them where
    the team names fewer). A person stands for one discipline only, the own one or a stand-in's.
    """
    people = _counting(attendance)
    seats = _seat(people, rule)
    present = frozenset(person.discipline for person in people)
    missing = tuple(core for core in rule.core_disciplines if core not in seats)
    core_wanted = min(rule.min_disciplines, len(rule.core_disciplines))
    return Quorum(
        met=len(present) >= rule.min_disciplines and len(seats) >= core_wanted,
        present=present,
        missing=missing,
        filled_by={c: p.discipline for c, p in seats.items() if p.discipline != c},
    )


def required_signers(attendance: Iterable[Attendance], rule: QuorumRule) -> tuple[SignerNeed, ...]:
    """List the signatures asked for: the chair's, and one for each core discipline present.

    Any person of a discipline may sign for it; for a discipline that was filled, the one who
    stood in. A chair's signature also serves the chair's own discipline.
    """
    people = _counting(attendance)
    seats = _seat(people, rule)
    stand_ins = {person.user_id for core, person in seats.items() if person.discipline != core}
    chairs = frozenset(person.user_id for person in people if person.role == Role.CHAIR)
    needs = [SignerNeed(CHAIR_SLOT, chairs)]
    for core in rule.core_disciplines:
        if core not in seats:
            continue
        own = frozenset(p.user_id for p in people if p.discipline == core) - stand_ins
        needs.append(SignerNeed(core, own or frozenset({seats[core].user_id})))
    return tuple(needs)


def able_signers(needs: Iterable[SignerNeed], able: Collection[int]) -> tuple[SignerNeed, ...]:
    """The same needs with only those people who are able to sign; a need may be left empty."""
    return tuple(replace(need, user_ids=need.user_ids & frozenset(able)) for need in needs)


def signature_state(needs: Iterable[SignerNeed], signed_by: Iterable[int]) -> SignatureState:
    """Compare what is asked for with who has signed."""
    needs, signers = tuple(needs), frozenset(signed_by)
    wanted = frozenset().union(*(need.user_ids for need in needs))
    owed = tuple(need.slot for need in needs if not need.user_ids & signers)
    return SignatureState(tuple(sorted(signers & wanted)), owed, bool(needs) and not owed)


def may_sign(practice_since: date | None, on: date) -> bool:
    """Whether three full years of independent practice have passed (25号, 附件3)."""
    if practice_since is None:
        return False
    start = (practice_since.year + YEARS_OF_PRACTICE_TO_SIGN, practice_since.month)
    return (on.year, on.month, on.day) >= (*start, practice_since.day)


def _counting(attendance: Iterable[Attendance]) -> list[Attendance]:
    """People who count, each once, in a fixed order; a chair's seat goes before an expert's."""
    found: dict[int, Attendance] = {}
    for person in sorted(attendance, key=lambda p: (p.user_id, p.role != Role.CHAIR)):
        if person.counts:
            found.setdefault(person.user_id, person)
    return list(found.values())


def _seat(people: list[Attendance], rule: QuorumRule) -> dict[str, Attendance]:
    """Give each core discipline a person: own disciplines first, then as many more as can be.

    Augmenting paths (Kuhn): a stand-in that is needed elsewhere is moved if another is free.
    """
    seats: dict[str, Attendance] = {}
    for core in rule.core_disciplines:
        own = [person for person in people if person.discipline == core]
        if own:
            seats[core] = own[0]

    def find(core: str, tried: set[int]) -> bool:
        allowed = rule.may_be_filled_by.get(core, frozenset()) | {core}
        for person in people:
            if person.discipline not in allowed or person.user_id in tried:
                continue
            tried.add(person.user_id)
            taken = next((c for c, p in seats.items() if p.user_id == person.user_id), None)
            if taken is None or find(taken, tried):
                seats[core] = person
                return True
        return False

    for core in rule.core_disciplines:
        if core not in seats:
            find(core, set())
    return {core: seats[core] for core in rule.core_disciplines if core in seats}

"""What a team asks for before its opinion counts."""

from mdt.models.regions import Team
from mdt.rules.content import disciplines
from mdt.rules.quorum import QuorumRule


def quorum_rule(team: Team) -> QuorumRule:
    """The team's core disciplines and least number, with who may stand in for whom."""
    return QuorumRule(
        tuple(team.core_disciplines),
        team.min_disciplines,
        {d.code: frozenset(d.may_be_filled_by) for d in disciplines()},
    )

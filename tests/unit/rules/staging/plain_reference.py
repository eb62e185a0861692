"""The look-up of the tables written down slowly and plainly, one combination after another."""

import itertools

from mdt.rules.staging import StagingTable


def side(found: StagingTable, chosen: dict[str, str]) -> str:
    """Return "III or above" for known, unsplit and unknown ("") values of every input."""
    literal = {
        name: [unknown_value(name)] if value == "" else meant(found, name, value)
        for name, value in chosen.items()
    }
    rules = [rule_of(found, combination) for combination in combinations(literal)]
    if all(rules):
        return joined(rule.iii_plus for rule in rules)
    return joined(
        side_of_known(found, dict(zip(chosen, values, strict=True)))
        for values in itertools.product(
            *(
                [value] if value else [v for v in found.values[name] if v != unknown_value(name)]
                for name, value in chosen.items()
            )
        )
    )


def side_of_known(found, chosen):
    rules = [
        rule_of(found, combination)
        for combination in combinations({k: meant(found, k, v) for k, v in chosen.items()})
    ]
    if any(rules):
        return joined(rule.iii_plus for rule in rules if rule)
    if "t" not in chosen:
        return "unknown"
    invasive = [value for value in found.t if value[1] in "1234"]
    spread = {k: meant(found, k, v) for k, v in chosen.items()} | {"t": invasive}
    return joined(r.iii_plus for r in (rule_of(found, c) for c in combinations(spread)) if r)


def combinations(values):
    return [
        dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())
    ]


def meant(found, name, value):
    return found.parents.get(name, {}).get(value, (value,))


def unknown_value(name):
    return f"{name.upper()}X" if name in {"t", "n", "m"} else "unknown"


def rule_of(found, combination):
    for rule in found.rules:
        if all(
            value in rule.allowed[name]
            for name, value in combination.items()
            if rule.allowed.get(name)
        ):
            return rule
    return None


def joined(sides):
    sides = {str(side) for side in sides}
    return sides.pop() if len(sides) == 1 else "unknown"

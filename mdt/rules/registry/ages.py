"""Ages as far as stages depend on them."""

from datetime import date

from mdt.rules.identity import age_on

#: Years of age at which the stage tables make a difference (thyroid).
AGE_LIMITS = (0, 55)


def staged_age(birth_date: date | None, diagnosed: date) -> int | None:
    """The least age that the stage tables cannot tell from the age at diagnosis.

    So rows that differ in nothing else are staged once. A diagnosis before birth is age 0.
    """
    if birth_date is None:
        return None
    age = age_on(birth_date, diagnosed)
    return max((limit for limit in AGE_LIMITS if limit <= age), default=AGE_LIMITS[0])

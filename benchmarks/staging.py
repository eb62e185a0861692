"""How fast the staging tables load and answer; ``run`` gives the rows of the benchmark table."""

import itertools
import random
import time

from mdt.rules.staging import catalogue, derive, engine, tables

Question = tuple[str, str, str, str, dict[str, str]]

LOAD_LIMIT_MS = 100
RATE_LIMIT = 10_000
QUESTIONS = 20_000


def run() -> list[dict[str, object]]:
    """Measure loading, then answers to mixed questions: new ones, then the same again."""
    load = _load_ms()
    questions = _questions()
    for key in {question[0] for question in questions}:
        derive(key)
    engine.forget_answers()
    first = _rate(questions)
    again = _rate(questions)
    return [
        {"name": "staging: load all tables", "value": load, "unit": "ms", "limit": LOAD_LIMIT_MS},
        {
            "name": "staging: answers to new questions",
            "value": first,
            "unit": "/s",
            "limit": RATE_LIMIT,
        },
        {
            "name": "staging: answers to repeated questions",
            "value": again,
            "unit": "/s",
            "limit": RATE_LIMIT,
        },
    ]


def _load_ms() -> float:
    catalogue.forget_tables()
    start = time.perf_counter()
    tables()
    return round((time.perf_counter() - start) * 1000, 1)


def _questions() -> list[Question]:
    """Draw categories and factor values, known, unsplit and unknown, evenly over the tables."""
    chance = random.Random(1)  # noqa: S311 - a benchmark's dice
    drawn = []
    for found in itertools.islice(itertools.cycle(tables()), QUESTIONS):
        t, n, m = (chance.choice(found.categories(axis) or ("",)) for axis in "tnm")
        factors = {f.name: chance.choice(f.values).value for f in found.factors}
        drawn.append((found.key, t, n, m, factors))
    return drawn


def _rate(questions: list[Question]) -> int:
    start = time.perf_counter()
    for question in questions:
        derive(*question)
    return round(len(questions) / (time.perf_counter() - start))


if __name__ == "__main__":
    for row in run():
        print(row)

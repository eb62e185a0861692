"""Drawing up a province's version of a definition and publishing it, through the pages."""

PAGE = "/reports/definitions"
FIELDS = {
    "valid_from": "2026-10-01", "stage_rule": "clinical_first", "all_systems": "y",
    "exclusions": ["recurrence", "emergency"], "early_death_days": "30", "min_disciplines": "0",
    "grace_days": "", "outside_boards": "y", "pending_days": "30", "target": "60",
}  # fmt: skip


def drafted(manager, based_on="strict@1", **changes):
    """Draw up a version and fill it in; gives its address and what the page then says."""
    address = manager.post(PAGE, based_on=based_on).location
    saved = manager.post(address, **{**FIELDS, **changes})
    assert saved.status_code == 302, saved.text
    return address, manager.get(address).text


def seen_in(page):
    return page.split('name="seen" value="')[1].split('"')[0]


def published(manager, **changes):
    address, page = drafted(manager, **changes)
    assert manager.post(f"{address}/publish", seen=seen_in(page)).location == PAGE

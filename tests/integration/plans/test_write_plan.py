"""Writing an opinion: the page, its first draft, fields saved one by one."""

import pytest

from mdt.extensions import db
from mdt.models.audit import AuditRow
from mdt.models.conferences import AgendaItem
from mdt.models.discussion import LiveEvent
from mdt.rules.errors import Refused
from mdt.services.plan_signing import take_back


def save(browser, opinion, version, **fields):
    return browser.post_json(
        f"/cases/{opinion.case}/plan/fields", {"fields": fields, "version": version}
    )


def test_the_first_writer_finds_a_draft_that_starts_from_the_case(opinion, person):
    page = person("recorder").get(f"/cases/{opinion.case}/plan")

    assert page.status_code == 200
    draft = opinion.revision()
    assert (draft.state, draft.number) == ("draft", 1)
    assert draft.content["diagnosis"] == "右上肺腺癌"
    assert draft.content["stage"] == {
        "table": "lung_nsclc_9",
        "edition": "9",
        "classification": "c",
        "t": "T2a",
        "n": "N2b",
        "m": "M0",
        "factors": {},
        "stage_group": "IIIA",
    }
    assert 'name="answer"' in page.text


def test_who_only_reads_makes_no_draft_and_gets_no_form(opinion, person):
    page = person("clinician").get(f"/cases/{opinion.case}/plan")
    assert (page.status_code, opinion.revisions()) == (200, [])
    assert "还没有诊疗意见书" in page.text

    opinion.write(answer="可手术")
    page = person("clinician").get(f"/cases/{opinion.case}/plan")
    assert "可手术" in page.text
    assert 'name="answer"' not in page.text


def test_opening_is_recorded_once(opinion, person):
    opinion.write(answer="可手术")
    person("clinician").get(f"/cases/{opinion.case}/plan")
    rows = opinion.rows(AuditRow, AuditRow.action == "plan:view")
    assert [(row.actor_name, row.object_type) for row in rows] == [("clinician", "plan_revision")]


def test_a_field_is_saved_and_what_blocks_signing_comes_back(opinion, person):
    recorder = person("recorder")
    recorder.get(f"/cases/{opinion.case}/plan")
    answer = save(recorder, opinion, 1, outcome="recommended", answer="可手术")

    assert answer.status_code == 200
    assert (answer.json["ok"], answer.json["version"], answer.json["errors"]) == (True, 2, {})
    assert [one["code"] for one in answer.json["blocks"]] == ["no_intent", "no_steps"]
    assert set(answer.json["html"]) == {"plan-side"}
    assert opinion.revision().content["answer"] == "可手术"


def test_categories_are_derived_beside_the_agreed_group(opinion, person):
    recorder = person("recorder")
    recorder.get(f"/cases/{opinion.case}/plan")
    answer = save(recorder, opinion, 1, **{"stage.stage_group": ""})
    version = answer.json["version"]
    answer = save(recorder, opinion, version, **{"stage.n": "N0"})

    assert opinion.revision().content["stage"]["stage_group"] == "IB"
    assert "由所选类别推导：<strong>IB</strong>" in answer.json["html"]["plan-stage"]
    assert "商定的分期与提交的不同" in answer.json["html"]["plan-stage"]


def test_another_hospital_finds_nothing(opinion, person):
    stranger = person("clinician2")
    assert stranger.get(f"/cases/{opinion.case}/plan").status_code == 404
    opinion.write(answer="可手术")
    assert stranger.get(f"/cases/{opinion.case}/plan").status_code == 404
    assert stranger.get(f"/cases/{opinion.case}/plan.pdf").status_code == 404
    assert opinion.revision().content["answer"] == "可手术"


def test_the_requesting_doctor_does_not_write_it(opinion, person):
    opinion.write(answer="可手术")
    answer = save(person("clinician"), opinion, 1, answer="不可手术")
    assert (answer.status_code, opinion.revision().content["answer"]) == (403, "可手术")


@pytest.mark.parametrize(
    ("fields", "name", "words"),
    [
        ({"answer": "很好😀"}, "answer", "无法打印"),
        ({"outcome": "cured"}, "outcome", "不在列表中"),
        ({"steps.a1.what": "长" * 301}, "steps.a1.what", "过长"),
        ({"dissent.d1.user_id": "999"}, "dissent.d1.user_id", "不在列表中"),
        ({"colour": "red"}, "colour", "此项不存在"),
    ],
)
def test_what_cannot_be_is_refused_with_the_field_named(opinion, person, fields, name, words):
    recorder = person("recorder")
    recorder.get(f"/cases/{opinion.case}/plan")
    answer = save(recorder, opinion, 1, **fields)

    assert answer.status_code == 422
    assert set(answer.json["error"]["fields"]) == {name}
    assert words in answer.json["error"]["fields"][name]
    assert opinion.revision().version == 1


def test_the_other_fields_of_the_same_request_are_taken(opinion, person):
    recorder = person("recorder")
    recorder.get(f"/cases/{opinion.case}/plan")
    answer = save(recorder, opinion, 1, answer="很好😀", basis="指南")

    assert (answer.status_code, set(answer.json["errors"])) == (200, {"answer"})
    stored = opinion.revision().content
    assert (stored["answer"], stored["basis"]) == ("", "指南")


@pytest.mark.parametrize("body", [None, [], {}, {"fields": 3}, {"fields": {}, "version": "x"}])
def test_an_unreadable_request_is_refused(opinion, person, body):
    recorder = person("recorder")
    answer = recorder.post_json(f"/cases/{opinion.case}/plan/fields", body)
    assert answer.status_code == 422


def test_two_people_in_different_fields_merge(opinion):
    base = opinion.write("recorder", answer="可手术").version
    opinion.edit("chair", {"basis": "指南"}, base)
    later = opinion.edit("recorder", {"review_point": "术后"}, base)

    stored = opinion.revision().content
    assert (stored["answer"], stored["basis"], stored["review_point"]) == (
        "可手术",
        "指南",
        "术后",
    )
    assert later.others == {"basis": "指南"}


def test_the_same_field_of_two_people_conflicts_and_nothing_is_lost(opinion, person):
    base = opinion.write("recorder", basis="指南").version
    opinion.write("chair", answer="可手术")
    recorder = person("recorder")
    answer = save(recorder, opinion, base, answer="不可手术", review_point="术后")

    assert answer.status_code == 409
    assert answer.json["fields"] == {"answer": "可手术"}
    assert answer.json["version"] == opinion.revision().version
    stored = opinion.revision().content
    assert (stored["answer"], stored["review_point"]) == ("可手术", "")
    again = save(recorder, opinion, answer.json["version"], answer="不可手术", review_point="术后")
    assert again.status_code == 200
    assert opinion.revision().content["answer"] == "不可手术"


def test_versions_of_a_withdrawn_draft_say_nothing_about_the_next_one(opinion):
    old = opinion.complete()
    opinion.open()
    opinion.act(take_back, "chair", opinion.case, old.id)
    with pytest.raises(Refused) as refused:
        opinion.edit("recorder", {"answer": "旧页面"}, 99, revision_id=old.id)
    assert refused.value.code == "plan_moved_on"


def test_an_item_that_was_deferred_in_the_room_has_no_opinion_to_write(opinion):
    opinion.put(AgendaItem, AgendaItem.id == opinion.item, state="deferred")
    with pytest.raises(Refused) as refused:
        opinion.write(answer="可手术")
    assert refused.value.code == "plan_not_open"


def test_after_the_conference_no_room_event_is_written(opinion):
    assert opinion.write(answer="可手术").seq == 0
    assert opinion.rows(LiveEvent) == []


def test_an_unfinished_opinion_goes_on_when_the_case_comes_again(opinion):
    opinion.write(answer="上次的想法")
    opinion.put(AgendaItem, AgendaItem.id == opinion.item, state="undiscussed")
    with opinion.app.app_context():
        again = AgendaItem(
            conference_id=opinion.board.conference,
            case_id=opinion.case,
            position=3,
            state="discussing",
        )
        db.session.add(again)
        db.session.commit()
        opinion.item = again.id
    opinion.write(basis="指南")
    first, second = opinion.revisions()
    assert (second.plan_id != first.plan_id, second.content["answer"]) == (True, "上次的想法")


def test_the_same_request_again_undoes_nothing_that_came_after_it(opinion, person):
    """After the conference no event of the room keeps the key."""
    recorder, chair = person("recorder"), person("chair")
    recorder.get(f"/cases/{opinion.case}/plan")

    def send():
        fields = {"answer": "可手术", "steps.a1.what": "含铂双药"}
        return recorder.post_json(
            f"/cases/{opinion.case}/plan/fields", {"fields": fields, "version": 1, "key": "once"}
        )

    assert send().json["version"] == 2
    save(recorder, opinion, 2, answer="可手术，先新辅助治疗")
    save(chair, opinion, 3, **{"steps.a1": None, "basis": "指南"})
    before = opinion.revision()
    again = send()

    assert (again.status_code, again.json["version"]) == (200, 4)
    assert opinion.revision().content == before.content
    assert (before.content["answer"], before.content["steps"]) == ("可手术，先新辅助治疗", [])
    # What somebody else wrote since is told, or the page would write over it unseen.
    assert again.json["others"] == {"basis": "指南", "steps.order": []}


def test_another_person_may_use_the_same_key(opinion, person):
    for number, name in enumerate(("recorder", "chair"), start=1):
        page = person(name)
        page.get(f"/cases/{opinion.case}/plan")
        answer = page.post_json(
            f"/cases/{opinion.case}/plan/fields",
            {"fields": {"answer": name}, "version": number, "key": "once"},
        )
        assert answer.status_code == 200
        assert opinion.revision().content["answer"] == name

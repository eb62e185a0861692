"""What people are told on their worklist: one kind for each event, nothing clinical in it."""

from enum import StrEnum


class NoticeKind(StrEnum):
    """Kinds of notices, alphabetical. The words are in ``mdt.web.words.notices``."""

    CASE_ACCEPTED = "case_accepted"
    CASE_CONFERENCE_CANCELLED = "case_conference_cancelled"
    CASE_DECLINED = "case_declined"
    CASE_DEFERRED = "case_deferred"
    CASE_PUT_BACK = "case_put_back"
    CASE_RETURNED = "case_returned"
    CASE_SCHEDULED = "case_scheduled"
    CASE_WITHDRAWN = "case_withdrawn"
    CONFERENCE_CANCELLED = "conference_cancelled"
    CONFERENCE_CHANGED = "conference_changed"
    CONFERENCE_INVITED = "conference_invited"
    CONFERENCE_MOVED = "conference_moved"
    INVITATION_WITHDRAWN = "invitation_withdrawn"
    PLAN_AMENDED = "plan_amended"
    PLAN_DISSENTED = "plan_dissented"
    PLAN_SIGNATURE_OWED = "plan_signature_owed"
    PLAN_SIGNED = "plan_signed"
    PLAN_TAKEN_BACK = "plan_taken_back"

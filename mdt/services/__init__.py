"""One function for each thing that a user can do.

Where to find what a person does. A person

- signs in and out, changes a password, holds a token: `accounts`; is entered, given roles, blocked:
  `people_admin`; sits in a team: `rosters`; hospitals, teams, agreements: `places`; divisions:
  `regions`.
- starts a case: `case_starts`; writes it and marks its checklist: `cases`; opens it: `case_views`;
  submits, approves, withdraws it: `case_submission`; its papers: `consents`.
- adds files: `attachments`; describes, looks at, strikes them out: `attachment_changes`; images:
  `imaging`.
- accepts, returns, declines, defers: `triage`; lists in spite of red lights: `case_listing`.
- plans, moves, cancels a conference: `conferences`; its agenda: `agenda`; who is asked and what
  they answer: `invitations`.
- sits in the room: `live_seats`; runs it: `live_room`; speaks, votes, shows: `discussion`; points
  and types: `live_signals`.
- writes an opinion: `plans`; reads it: `plan_sheets`; signs it: `plan_signing`; prints it:
  `plan_documents`.
- adopts it and follows up: `followup`.
- brings in the register: `registry`, `register_files`; sees coverage: `reports`, `report_print`.
- is told, and puts notices away: `notices`; reads and checks the trail: `audit_log`; keeps a
  backup: `backups`.

The other modules serve these: `unit_of_work` (nothing else commits), `case_moves` (the one way
for a case to move), `live_events` (the one way for an event into a room), `plan_desk`,
`file_intake`, `matching` and so on.
"""

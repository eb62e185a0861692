"""One function for each thing that a user can do.

Where to find what a person does. A person

- signs in and out, changes a password, holds a token: `accounts`; is entered, given roles, blocked:
  `people_admin`; sits in a team: `rosters`; hospitals, teams, agreements: `places`; divisions:
  `regions`.
- starts a case: `case_starts`; writes it and marks its checklist: `cases`; opens it: `case_views`;
  submits, approves, withdraws it: `case_submission`; its papers: `consents`.
- adds files: `attachments`, in parts over a poor line: `uploads`, as photographs from a phone:
  `phone_links`; describes, looks at, strikes them out: `attachment_changes`; images: `imaging`.
  Confirms that images are the patient's: `identity_checks` (`identity_marks` notes it with each
  series); blacks out a name: `black_out`, `black_out_documents`; lets out what may show one:
  `release`; takes over studies of earlier cases: `earlier_studies`, or what a PACS sent: `inbox`
  (`pacs_peers`: who may send).
- reads and stores images by DICOMweb: `dicomweb_search`, `dicomweb`, `dicomweb_store`.
- accepts, returns, declines, defers: `triage`; lists in spite of red lights: `case_listing`.
- plans, moves, cancels a conference: `conferences`; its agenda: `agenda`; who is asked and what
  they answer: `invitations`.
- sits in the room: `live_seats`; runs it: `live_room`; speaks, votes, shows: `discussion`; points
  and types: `live_signals`.
- writes an opinion: `plans`; reads it: `plan_sheets`; signs it: `plan_signing`; prints it:
  `plan_documents`.
- adopts it and follows up: `followup`.
- brings in a register file: `register_uploads` (sends it, says what its columns are, begins),
  `registry` (a file that its sender waits for, and the end of every import), `register_files`
  (template, refused rows, warnings).
- keeps the register by hand: `register_entry` (enters a row, corrects one), `register_drafts` (what
  is being typed), `register_people` (finds a person's rows, shows whose they are),
  `match_decisions`, `duplicates`; takes rows out: `register_export`, `register_card`.
- sees coverage: `reports`, `report_print`, `published_reports`, `register_quality`; closes periods:
  `coverage_freezes`, `coverage_changes`; changes what counts: `coverage_definitions`.
- is told, and puts notices away: `notices`; reads and checks the trail: `audit_log`; keeps a
  backup: `backups`.

The other modules serve these: `unit_of_work` (nothing else commits), `case_moves` (the one way for
a case to move), `live_events` (the one way for an event into a room), `plan_desk`, `file_intake`,
`matching` and so on. An import goes through them in this order: `register_source` (rows of a stored
file) · `register_reading` (judges each) · `register_prepared` (all that needs no transaction) ·
`register_kept` (keeps both from the dry run for the import) · `register_run` (batch by batch, to go
on after a cut) · `register_rows` (finds what a row is of, corrects it) · `register_new` (many new
rows at a time); `register_work` is what a worker does of it, `register_tending` looks after what
was lost, `register_leftovers` clears away, `register_edits` writes the one row that a person
corrects; `register_scan` has a file looked at for viruses, `register_quarantine` goes on with one
that waited for that. One word for each thing: a file is stored in pieces, its rows in blocks; rows
are written in batches, and each batch leaves its findings.

A file goes through these: `file_intake` (unpacks, has it looked at for viruses, reads in the
sandbox) · `quota` · `file_storing` (to disk) · `attachments` (commits) · `served_images` (the
de-identified form beside the original); `quarantine` holds what waits for the scanner,
`stored_blobs` checks and sweeps the storage.
"""

// The room as one seat sees it: what a snapshot gives, moved on by events. Pure: a test holds that events applied to an old
// snapshot give a fresh one (mdt/queries/live_snapshot.py). Applying an event again changes nothing.
const CLOSED = new Set(['closed', 'cancelled']);

export function fromSnapshot({ seq, snapshot }) {
  return { ...snapshot, seq, stale: false };
}

function withItem(state, id, change) {
  return { ...state, items: state.items.map((item) => (item.id === id && !item.hidden ? { ...item, ...change } : item)) };
}

function nothingOn(state) {
  return { ...state, current: null, presenter: null, presenter_name: '', viewport: null, viewports: [], hands: [], quorum: null };
}

function advance(state, event) {
  const idle = nothingOn(state);
  if (event.item === null) return idle;
  const { started_at, presenter, presenter_name } = event.data;
  const begun = withItem(idle, event.item, { state: 'discussing', started_at, ended_at: null });
  return { ...begun, current: event.item, presenter, presenter_name, elsewhere: false };
}

function hand(state, event) {
  // Who is asked to present has been given the word: that lowering names them.
  const whose = event.data.user === undefined ? event.actor.id : event.data.user;
  const others = state.hands.filter((id) => id !== whose);
  return { ...state, hands: event.data.up ? [...others, whose] : others };
}

// A case is left; what comes next is told by an event of its own, hidden where it is another county's.
function item(state, event) {
  const left = withItem(state, event.item, event.data);
  return state.current === event.item ? nothingOn(left) : { ...left, hands: [] };
}

// What is marked, and which images are key images, each seat fetches by itself: who may not see a series sees nothing on it.
// The number of the last such event of each item says when.
function mark(state, event) {
  return { ...state, marked: { ...state.marked, [event.item]: event.seq } };
}

function keyImage(state, event) {
  return { ...state, pictured: { ...state.pictured, [event.item]: event.seq } };
}

function message(state, event) {
  if (state.messages.some((one) => one.seq === event.seq)) return state;
  return { ...state, messages: [...state.messages, event].slice(-state.kept) };
}

// Another revision brings its whole text, the same one only what has changed.
function plan(state, event) {
  const { fields, ...about } = event.data;
  const known = state.plans[event.item];
  const same = known && known.revision === about.revision;
  const content = same ? { ...known.content, ...fields } : fields;
  return { ...state, plans: { ...state.plans, [event.item]: { ...about, content } } };
}

// What is shown pane by pane, what was told last at the end (mdt/rules/events.py, viewports_with).
function withViewport(state, viewport) {
  const { pane = 0, panes = 1 } = viewport;
  const others = state.viewports.filter((one) => one.item === viewport.item && (one.pane || 0) !== pane && (one.pane || 0) < panes);
  return { ...state, viewport, viewports: [...others, viewport] };
}

function present(state, event) {
  return { ...state, presenter: event.data.user, presenter_name: event.data.name };
}

function show(state, event) {
  const shown = { ...state.shown, [event.item]: event.data };
  if (event.item !== state.current) return { ...state, shown };
  return { ...withViewport(state, { ...event.data, item: event.item, center: null, width: null }), shown };
}

// Until it begins the agenda may be changed without an event, and when it is over who sees what changes: read it anew.
function conferenceState(state, event) {
  const over = CLOSED.has(event.data.state) ? nothingOn(state) : { ...state, hands: [] };
  return { ...over, conference: { ...state.conference, ...event.data }, stale: true };
}

function vote(state, event) {
  const votes = { ...state.votes[event.item], [event.actor.id]: event.data.choice };
  return { ...state, votes: { ...state.votes, [event.item]: votes } };
}

// One for each LiveEventKind of mdt/rules/events.py; a test compares the two.
export const HANDLERS = { advance, hand, item, key_image: keyImage, mark, message, plan, present, show, state: conferenceState, vote };

// A hidden event, or one of a later version of the program, only moves the number on.
export function apply(state, event) {
  if (event.seq <= state.seq) return state;
  const handler = Object.prototype.hasOwnProperty.call(HANDLERS, event.kind) ? HANDLERS[event.kind] : null;
  return { ...(handler ? handler(state, event) : state), seq: event.seq };
}

// What is relayed and never stored: who came or went, where the presenter is.
export function applySignal(state, { kind, data }) {
  if (kind === 'viewport') return data.item === state.current ? withViewport(state, data) : state;
  if (kind !== 'presence') return state;
  const others = state.people.filter((one) => one.user !== data.person.user);
  return withPeople(state, data.here ? [...others, data.person] : others);
}

export function withPeople(state, people) {
  const sorted = [...people].sort((one, other) => one.user - other.user);
  return JSON.stringify(sorted) === JSON.stringify(state.people) ? state : { ...state, people: sorted };
}

// What changes without an event and is told by each check: the quorum of the case that is on, whether another's is on, and which
// items have images of somebody whom nobody has confirmed to be the patient.
export function withStanding(state, { quorum, elsewhere, unconfirmed = [] }) {
  const kept = (one, other) => (JSON.stringify(one) === JSON.stringify(other) ? one : other);
  const next = { quorum: kept(state.quorum, quorum), elsewhere, unconfirmed: kept(state.unconfirmed, unconfirmed) };
  return Object.keys(next).every((name) => state[name] === next[name]) ? state : { ...state, ...next };
}

// Whether a check would tell more than is known: a case began or ended, a discipline came that does not count yet.
export function asksForCheck(before, state, events) {
  return before.current !== state.current || (state.current === null && !state.elsewhere && events.some((one) => one.kind === 'hidden'));
}

export function bringsDiscipline(state, { kind, data }) {
  if (kind !== 'presence' || !data.here || !state.quorum) return false;
  const { role, discipline } = data.person;
  return ['chair', 'expert'].includes(role) && Boolean(discipline) && !state.quorum.present.includes(discipline);
}

// The case that a message is about: the one that is on, else a presenter's own; null: none, undefined: not clear.
export function saidAbout(state) {
  const seen = state.items.filter((one) => !one.hidden);
  if (state.current !== null) return seen.find((one) => one.id === state.current) || null;
  if (state.me.panel) return null;
  return seen.length === 1 ? seen[0] : undefined;
}

// What everybody looks at before anything is shown: the first series that is kept from nobody, so that it is the same for all.
export function firstSeries(list) {
  return list.find((one) => !one.withheld) || list[0];
}

export function currentItem(state) {
  return state.items.find((one) => !one.hidden && one.id === state.current) || null;
}

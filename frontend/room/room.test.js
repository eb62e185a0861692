import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onceKey } from '../lib/once.js';
import { pictureBox } from '../lib/picture.js';
import { lettersAt } from '../lib/series.js';
import { timeOfDay, usedTime } from './clock.js';
import { Outbox } from './outbox.js';
import { rowsFor } from './plan.js';
import { disciplinesHere, seats, standings } from './quorum.js';
import { shortName } from './render/case.js';
import { continues, isAside } from './render/messages.js';
import { Sequence } from './sequence.js';
import { apply, applySignal, asksForCheck, bringsDiscipline, firstSeries, fromSnapshot, saidAbout, withPeople, withStanding } from './state.js';
import { throttle } from './throttle.js';

const seq = (...numbers) => numbers.map((one) => ({ seq: one }));

class Storage {
  constructor() {
    this.kept = new Map();
  }

  getItem(name) {
    return this.kept.has(name) ? this.kept.get(name) : null;
  }

  setItem(name, value) {
    this.kept.set(name, value);
  }

  removeItem(name) {
    this.kept.delete(name);
  }
}

test('events come out in order, each once', () => {
  const line = new Sequence(4);
  assert.deepEqual(line.take(seq(6, 7)), []);
  assert.equal(line.hole, true);
  assert.deepEqual(line.take(seq(4, 5)), seq(5, 6, 7));
  assert.equal(line.hole, false);
  assert.deepEqual(line.take(seq(5, 6, 7)), []);
});

test('a hole is filled by a pull that overlaps', () => {
  const line = new Sequence();
  line.take(seq(3));
  assert.deepEqual(line.take(seq(1, 2, 3, 4)), seq(1, 2, 3, 4));
  assert.equal(line.last, 4);
});

test('keys of actions are long and never the same', () => {
  const keys = new Set(Array.from({ length: 100 }, () => onceKey()));
  assert.equal(keys.size, 100);
  assert.equal([...keys].every((key) => /^[0-9a-f]{32}$/.test(key)), true);
});

test('what is not acknowledged goes out again with the same key, also after a reload', async () => {
  const storage = new Storage();
  const first = new Outbox(storage, 'box');
  const { key } = first.add('say', { text: 'one' });
  assert.equal(await first.flush(async () => { throw new Error('no line'); }), false);
  const sent = [];
  const second = new Outbox(storage, 'box');
  assert.equal(await second.flush(async (event, payload) => { sent.push([event, payload]); return { ok: true, seq: 1 }; }), true);
  assert.deepEqual(sent, [['say', { text: 'one', key }]]);
  assert.deepEqual([second.entries, storage.getItem('box')], [[], '[]']);
});

test('what the server refuses stays to be seen, and the next ones go out', async () => {
  const box = new Outbox(new Storage(), 'box');
  box.add('say', { text: 'bad' });
  box.add('say', { text: 'good' });
  const answer = async (event, { text }) => (text === 'bad' ? { ok: false, error: { code: 'forbidden', message: 'no' } } : { ok: true });
  assert.equal(await box.flush(answer), true);
  assert.deepEqual(box.entries.map((one) => [one.payload.text, one.refused]), [['bad', 'no']]);
  box.retry(box.entries[0].key);
  assert.equal(await box.flush(async () => ({ ok: false, error: { code: 'too_fast', message: '' } })), false);
  assert.deepEqual(box.entries.map((one) => one.refused), ['']);
});

test('signing out leaves nothing behind', () => {
  const storage = new Storage();
  const box = new Outbox(storage, 'box');
  box.add('say', { text: 'one' });
  box.clear();
  assert.deepEqual([storage.getItem('box'), box.entries], [null, []]);
});

test('a damaged store is an empty one', () => {
  const storage = new Storage();
  storage.setItem('box', '{"');
  assert.deepEqual(new Outbox(storage, 'box').entries, []);
});

test('a throttle acts at once, then waits, and keeps the last', () => {
  const seen = [];
  const waiting = [];
  let now = 0;
  const act = throttle((value) => seen.push(value), 50, { now: () => now, later: (run) => waiting.push(run) });
  for (const value of [1, 2, 3]) act(value);
  assert.deepEqual([seen, waiting.length], [[1], 1]);
  now = 50;
  waiting.pop()();
  assert.deepEqual(seen, [1, 3]);
  now = 200;
  act(4);
  assert.deepEqual(seen, [1, 3, 4]);
});

const people = [
  { user: 1, role: 'chair', discipline: 'surgery' },
  { user: 2, role: 'expert', discipline: 'respiratory' },
  { user: 3, role: 'presenter', discipline: 'pathology' },
];

test('chips fill by own disciplines, then by those that may stand in, each person once', () => {
  const core = ['oncology', 'surgery', 'radiology', 'pathology'];
  assert.deepEqual(seats(core, people, { oncology: ['respiratory'], radiology: ['respiratory', 'surgery'] }), [
    { discipline: 'oncology', by: 'respiratory' }, { discipline: 'surgery', by: 'surgery' }, { discipline: 'radiology', by: '' }, { discipline: 'pathology', by: '' },
  ]);
  assert.equal(disciplinesHere(people), 2);
});

test('who came and went counts for the case, and is not said to be here', () => {
  const core = ['surgery', 'radiology', 'pathology', 'oncology'];
  const quorum = { met: false, present: ['oncology', 'respiratory', 'surgery'], missing: ['pathology'], filled: { radiology: 'respiratory' } };
  const seen = (judged) => standings(core, people.slice(0, 1), {}, judged).map((one) => [one.standing, one.by]);
  assert.deepEqual(seen(quorum), [['here', 'surgery'], ['was', 'respiratory'], ['missing', ''], ['was', 'oncology']]);
  assert.deepEqual(seen(null).map(([one]) => one), ['here', 'missing', 'missing', 'missing']);
});

test('two cases never have one name', () => {
  assert.deepEqual(['MDT2026-000012', 'MDT2026-000013'].map((number) => shortName({ patient: '张**', number })), ['张** 000012', '张** 000013']);
  assert.equal(shortName({ patient: 'MDT2026-000012', number: 'MDT2026-000012' }), 'MDT2026-000012');
});

test('messages that may no longer be seen are not kept on the screen', () => {
  assert.deepEqual([[seq(1), seq(1, 2)], [seq(1, 2), seq(1)], [seq(1), seq(2)], [[], []]].map(([drawn, now]) => continues(drawn, now)), [true, false, false, true]);
});

test('a text to be read shows the whole of itself', () => {
  assert.deepEqual(['', '短', '字'.repeat(41), '一\n二'].map(rowsFor), [1, 1, 3, 2]);
});

test('clock', () => {
  assert.deepEqual(usedTime('2026-11-20T02:00:00+00:00', Date.parse('2026-11-20T02:12:05Z')), { minutes: 12, text: '12:05' });
  assert.deepEqual(usedTime('2026-11-20T02:00:00+00:00', Date.parse('2026-11-20T01:59:00Z')).text, '0:00');
  assert.equal(timeOfDay('2026-11-20T18:30:00+00:00'), '02:30');
});

test('a picture lies in the middle of its box', () => {
  assert.deepEqual(pictureBox(800, 400, 100, 100), { left: 200, top: 0, width: 400, height: 400 });
  assert.deepEqual(pictureBox(300, 400, 0, 0), { left: 0, top: 0, width: 300, height: 400 });
});

test('a picture whose direction is not known has no letters', () => {
  const marks = { top: 'A', right: 'L', bottom: 'P', left: 'R', without: [1] };
  assert.deepEqual([lettersAt(marks, 0), lettersAt(marks, 1), lettersAt(null, 0)], [marks, null, null]);
});

const room = () => fromSnapshot({
  seq: 5,
  snapshot: {
    conference: { id: 1, state: 'live' }, items: [{ id: 7, hidden: false, state: 'waiting' }, { hidden: true, position: 2, minutes: 20 }], current: null, presenter: null,
    presenter_name: '', people: [], viewport: null, viewports: [], plans: {}, kept: 2, messages: [], hands: [], votes: {}, shown: {},
  },
});

test('a hidden event, an unknown and a repeated one change nothing but the number', () => {
  const state = room();
  assert.deepEqual(apply(state, { seq: 6, kind: 'hidden' }), { ...state, seq: 6 });
  assert.deepEqual(apply(state, { seq: 6, kind: 'constructor', data: {} }), { ...state, seq: 6 });
  assert.equal(apply(state, { seq: 5, kind: 'message', item: null, data: { text: 'old' } }), state);
});

test('a hand is lowered by its owner, or for who is asked to present', () => {
  const hand = (number, actor, data) => ({ seq: number, kind: 'hand', item: null, actor: { id: actor }, data });
  const up = [hand(6, 1, { up: true }), hand(7, 2, { up: true }), hand(8, 3, { up: true })].reduce(apply, room());
  assert.deepEqual(apply(up, hand(9, 1, { up: false })).hands, [2, 3]);
  assert.deepEqual(apply(up, hand(9, 1, { up: false, user: 2 })).hands, [1, 3]);
});

test('what is said goes to the case that is on, else to the only own one', () => {
  const items = [{ id: 7, hidden: false }, { id: 8, hidden: false }];
  const about = (change) => saidAbout({ current: null, me: { panel: false }, items, ...change });
  assert.deepEqual([about({ current: 8 }), about({ items: items.slice(0, 1) })], [items[1], items[0]]);
  assert.deepEqual([about({ me: { panel: true } }), about({})], [null, undefined]);
});

test('a message about another case than the one that is on says so', () => {
  const aside = (current, item) => isAside({ current }, { item });
  assert.deepEqual([aside(7, 7), aside(7, 8), aside(7, null), aside(null, 8)], [false, true, true, false]);
});

test('a check is asked for where it can tell more', () => {
  const [idle, on, elsewhere] = [{ ...room(), elsewhere: false }, { ...room(), current: 7 }, { ...room(), elsewhere: true }];
  const hidden = [{ kind: 'hidden' }];
  assert.deepEqual([asksForCheck(idle, on, []), asksForCheck(on, on, hidden), asksForCheck(idle, idle, hidden), asksForCheck(elsewhere, elsewhere, hidden)], [true, false, true, false]);
  const came = (person, here = true) => bringsDiscipline({ quorum: { present: ['surgery'] } }, { kind: 'presence', data: { person, here } });
  const expert = { role: 'expert', discipline: 'radiology' };
  assert.deepEqual([came(expert), came(expert, false), came({ ...expert, discipline: 'surgery' }), came({ ...expert, role: 'presenter' })], [true, false, false, false]);
});

test('a check that tells nothing new draws nothing', () => {
  const told = withStanding(room(), { quorum: { met: true }, elsewhere: false });
  assert.deepEqual([told.quorum, told.elsewhere], [{ met: true }, false]);
  assert.equal(withStanding(told, { quorum: { met: true }, elsewhere: false }), told);
  const waiting = withStanding(told, { quorum: { met: true }, elsewhere: false, unconfirmed: [7] });
  assert.deepEqual([waiting.unconfirmed, waiting.quorum === told.quorum], [[7], true]);
  assert.equal(withStanding(waiting, { quorum: { met: true }, elsewhere: false, unconfirmed: [7] }), waiting);
});

test('only the newest messages are kept, as in a snapshot', () => {
  const said = (number) => ({ seq: number, kind: 'message', item: null, actor: { id: 1 }, data: { text: String(number) } });
  assert.deepEqual([6, 7, 8].map(said).reduce(apply, room()).messages.map((one) => one.seq), [7, 8]);
});

test('a viewport of another case is not looked at', () => {
  const state = { ...room(), current: 7 };
  assert.equal(applySignal(state, { kind: 'viewport', data: { item: 8, series: 1, index: 2 } }), state);
  assert.deepEqual(applySignal(state, { kind: 'viewport', data: { item: 7, series: 1, index: 2 } }).viewport, { item: 7, series: 1, index: 2 });
});

test('people come and go, and a check puts right what was missed', () => {
  const one = { user: 1, name: 'A' };
  const here = applySignal(room(), { kind: 'presence', data: { person: one, here: true } });
  assert.deepEqual(here.people, [one]);
  assert.deepEqual(applySignal(here, { kind: 'presence', data: { person: one, here: false } }).people, []);
  assert.equal(withPeople(here, [one]), here);
  assert.deepEqual(withPeople(here, [{ user: 2, name: 'B' }, one]).people.map((p) => p.user), [1, 2]);
});

test('before anything is shown all begin with the first series that is kept from nobody', () => {
  const [held, seen, other] = [{ id: 3, withheld: true }, { id: 2, withheld: false }, { id: 1, withheld: false }];
  assert.equal(firstSeries([held, seen, other]).id, 2);
  assert.equal(firstSeries([seen, other]).id, 2);
  assert.equal(firstSeries([held]).id, 3);
});

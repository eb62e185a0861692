import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff } from './backoff.js';
import { characters } from './count.js';
import { bytes, clock, duration } from './format.js';
import { withInserted } from './insert.js';
import { isTyping, keyName } from './keys.js';
import { moved } from './order.js';
import { Rate } from './rate.js';
import { clamp, neighbours, windowed } from './series.js';
import { conflicts } from './stale.js';
import { fill } from './words.js';

test('waiting doubles up to its limit', () => {
  const random = () => 0.5;
  assert.deepEqual([0, 1, 2, 9].map((attempt) => backoff(attempt, { random })), [1000, 2000, 4000, 30000]);
});

test('waiting is spread', () => {
  assert.deepEqual([0, 1].map((value) => backoff(2, { random: () => value })), [3000, 5000]);
});

test('a rare character counts once', () => assert.equal(characters('𠮷田'), 2));

test('amounts', () => {
  assert.deepEqual([999, 1500, 2340000, 523000000, 1500000000].map(bytes), ['999\u2009B', '2\u2009kB', '2.3\u2009MB', '523\u2009MB', '1.5\u2009GB']);
});

test('durations', () => {
  assert.deepEqual([0, 45, 200, 7000].map(duration), [
    { unit: 'seconds', n: 1 }, { unit: 'seconds', n: 45 }, { unit: 'minutes', n: 3 }, { unit: 'hours', n: 2 },
  ]);
});

test('clock', () => assert.equal(clock(new Date(2026, 10, 21, 9, 5, 3)), '09:05:03'));

test('key names', () => {
  assert.equal(keyName({ key: 'N', ctrlKey: false, metaKey: false, altKey: false }), 'n');
  assert.equal(keyName({ key: 'Enter', ctrlKey: true, metaKey: false, altKey: false }), 'ctrl+enter');
});

test('keys typed into a field are no shortcuts', () => {
  const typing = [{ tagName: 'INPUT', type: 'text' }, { tagName: 'TEXTAREA' }, { tagName: 'INPUT', type: 'radio' }, { tagName: 'BUTTON' }, null];
  assert.deepEqual(typing.map(isTyping), [true, true, false, false, false]);
});

test('order', () => {
  assert.deepEqual(moved(['a', 'b', 'c'], 0, 2), ['b', 'c', 'a']);
  assert.deepEqual(moved(['a', 'b', 'c'], 2, 1), ['a', 'c', 'b']);
  assert.deepEqual(moved(['a', 'b'], 0, -1), ['a', 'b']);
});

test('speed is of the last seconds', () => {
  const rate = new Rate(4000);
  assert.equal(rate.perSecond, null);
  for (const [time, amount] of [[0, 0], [1000, 10], [5000, 5010], [6000, 6010]]) rate.read(time, amount);
  assert.equal(rate.perSecond, 1000);
  rate.reset();
  assert.equal(rate.perSecond, null);
});

test('paging stays inside', () => assert.deepEqual([-3, 2, 9].map((index) => clamp(index, 5)), [0, 2, 4]));

test('neighbours are loaded in the direction of travel', () => {
  assert.deepEqual(neighbours(5, 100, 1, 3, 1), [6, 4, 7, 8]);
  assert.deepEqual(neighbours(1, 100, -1, 3, 1), [0, 2]);
});

test('a window is asked for by the address', () => {
  assert.equal(windowed('/f/1', null), '/f/1');
  assert.equal(windowed('/f/1?s=2', { center: -600, width: 1500 }), '/f/1?s=2&center=-600&width=1500');
});

test('only texts that differ are conflicts', () => {
  assert.deepEqual(conflicts({ a: '1', b: ['x'], c: '3' }, { a: '1', b: ['y'], d: '4' }), [{ name: 'b', mine: ['x'], theirs: ['y'] }]);
});

test('words are filled, unknown places stay', () => assert.equal(fill('{n} / {total} {x}', { n: 0, total: 3 }), '0 / 3 {x}'));

test('a text goes below what a field has, once', () => {
  assert.equal(withInserted('', 'A：右肺'), 'A：右肺');
  assert.equal(withInserted('已写 \n', 'A：右肺'), '已写\nA：右肺');
  assert.equal(withInserted('已写\nA：右肺\n', 'A：右肺'), '已写\nA：右肺\n');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kbitsOf, measuredOf, orderOf, whyThin } from './quality.js';

const FAST = { effectiveType: '4g', downlink: 10, rtt: 50, saveData: false };

test('a good line, and one of which nothing is known, bear the full viewer', () => {
  assert.equal(whyThin({ connection: FAST }), null);
  // What Chromium says before it has seen anything of the line.
  assert.equal(whyThin({ connection: { ...FAST, downlink: 1.5, rtt: 100 } }), null);
  assert.equal(whyThin(), null);
});

test('a thin line, a long delay, and who saves data get drawn pictures', () => {
  assert.equal(whyThin({ connection: { ...FAST, downlink: 0.9 } }), 'line');
  assert.equal(whyThin({ connection: { ...FAST, rtt: 550 } }), 'line');
  assert.equal(whyThin({ connection: { ...FAST, effectiveType: '3g' } }), 'line');
  assert.equal(whyThin({ connection: { ...FAST, saveData: true }, measured: { bytes: 400000, ms: 100 } }), 'saving');
});

test('what was measured goes before what the browser guesses', () => {
  assert.equal(kbitsOf({ bytes: 32000, ms: 1000 }), 256);
  assert.equal(whyThin({ connection: FAST, measured: { bytes: 32000, ms: 1000 } }), 'line');
  assert.equal(whyThin({ connection: { ...FAST, effectiveType: '3g' }, measured: { bytes: 400000, ms: 800 } }), null);
  // Too little to tell.
  assert.equal(kbitsOf({ bytes: 900, ms: 400 }), null);
  assert.equal(whyThin({ connection: FAST, measured: { bytes: 900, ms: 400 } }), null);
});

test('what a page has fetched measures the line by what came over it fastest', () => {
  const entry = (transferSize, responseStart, responseEnd) => ({ transferSize, requestStart: 0, responseStart, responseEnd });
  assert.deepEqual(measuredOf([entry(0, 0, 0), entry(90000, 100, 3100), entry(30000, 0, 900)]), { bytes: 30000, ms: 900 });
  assert.equal(measuredOf([entry(300, 0, 401)]), null);
});

test('key images and every n-th come first, then what lies between, each once', () => {
  assert.deepEqual(orderOf(9, { start: 4, keys: [7], stride: 4 }), [4, 7, 0, 8, 2, 6, 1, 3, 5]);
  assert.deepEqual(orderOf(3, { start: 5, keys: [-1, 9] }), [0, 2, 1]);
  assert.deepEqual(orderOf(0), []);
  const all = orderOf(300, { start: 149 });
  assert.deepEqual([...all].sort((a, b) => a - b), Array.from({ length: 300 }, (_, place) => place));
  assert.equal(all[0], 149);
  assert.ok(all.slice(0, 20).every((place) => place === 149 || place % 16 === 0));
});

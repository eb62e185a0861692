import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNoVolume } from './volume.js';

const FINE = { positioned: true, color: false, processor: false, gigabytes: 8 };
const plane = (z, more = {}) => ({ origin: [0, 0, z], row: [1, 0, 0], column: [0, 1, 0], spacing: [0.8, 0.8], columns: 512, rows: 512, ...more });
const stack = (count, step = 5) => Array.from({ length: count }, (_, at) => plane(at * step));

test('parallel pictures at even distances make a volume, in whatever order', () => {
  assert.equal(whyNoVolume(stack(20), FINE), null);
  assert.equal(whyNoVolume(stack(20).reverse(), FINE), null);
});

test('what makes none is said', () => {
  const missing = stack(20).filter((_, at) => at !== 7);
  const doubled = [...stack(20), plane(10)];
  const tilted = stack(20).map((one, at) => ({ ...one, origin: [0, at * 2, at * 5] }));
  const turned = [...stack(19), plane(95, { row: [0, 1, 0], column: [1, 0, 0] })];
  for (const planes of [missing, doubled, tilted, turned]) assert.equal(whyNoVolume(planes, FINE), 'reformat.irregular');
  assert.equal(whyNoVolume(stack(7), FINE), 'reformat.no_volume');
  assert.equal(whyNoVolume(stack(20), { ...FINE, positioned: false }), 'reformat.no_volume');
  assert.equal(whyNoVolume(stack(20), { ...FINE, color: true }), 'reformat.no_volume');
});

test('what a PC can not bear is said', () => {
  assert.equal(whyNoVolume(stack(20), { ...FINE, processor: true }), 'reformat.processor');
  assert.equal(whyNoVolume(stack(20), { ...FINE, gigabytes: 2 }), 'reformat.thin');
  assert.equal(whyNoVolume(stack(301, 1), { ...FINE, gigabytes: 4 }), 'reformat.too_large');
  assert.equal(whyNoVolume(stack(601, 1), FINE), 'reformat.too_large');
});

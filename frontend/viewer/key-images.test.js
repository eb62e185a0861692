import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptState, stateOf } from './key-images.js';

const camera = [1, 2, 3, 0, 0, 1, 0, -1, 0, 120];

test('a key image keeps the picture and how it stood, not in which pane', () => {
  const shown = { pane: 2, panes: 4, series: 7, image: '1.2', frame: 1, index: 4, center: -600, width: 1500, invert: true, camera };
  assert.deepEqual(keptState(shown), { series: 7, image: '1.2', frame: 1, index: 4, center: -600, width: 1500, invert: true, camera });
  assert.deepEqual(keptState({ slide: 3, camera: [1, 2, 3, 0] }), { slide: 3, center: null, width: null, invert: false, camera: [1, 2, 3, 0] });
});

test('to go there, what the server does not know is left out', () => {
  const state = { series: 7, slide: null, image: '', frame: 1, index: 4, center: null, width: null, invert: false, camera: null };
  assert.deepEqual(stateOf({ state }), { series: 7, frame: 1, index: 4, center: null, width: null, invert: false });
});

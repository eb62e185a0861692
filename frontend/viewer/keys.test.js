import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandOf } from './keys.js';

test('arrows page, with Shift they move the picture, with Ctrl they change the window', () => {
  assert.deepEqual(commandOf({ key: 'ArrowDown' }), { command: 'step', value: 1 });
  assert.deepEqual(commandOf({ key: 'PageUp' }), { command: 'step', value: -10 });
  assert.deepEqual(commandOf({ key: 'ArrowLeft', shiftKey: true }), { command: 'move', value: [-1, 0] });
  assert.deepEqual(commandOf({ key: 'ArrowUp', ctrlKey: true }), { command: 'shift-window', value: [1, 0] });
  assert.deepEqual(commandOf({ key: 'ArrowRight', ctrlKey: true }), { command: 'shift-window', value: [0, 1] });
  assert.equal(commandOf({ key: 'ArrowLeft', altKey: true }), null);
  assert.equal(commandOf({ key: 'a' }), null);
});

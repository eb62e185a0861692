import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf, matrixOf, pathOf, placed } from './drawing.js';

test('pixels of the picture go where the pane has it, the centre of the first half a pixel inside', () => {
  // A picture of 10 columns and 5 rows, 40 pixels wide and 20 high at 100, 50.
  const straight = matrixOf(({ x, y }) => ({ x: 100 + 40 * x, y: 50 + 20 * y }), 10, 5);
  assert.deepEqual(placed(straight, [-0.5, -0.5]), [100, 50]);
  assert.deepEqual(placed(straight, [0, 0]), [102, 52]);
  assert.deepEqual(placed(straight, [9.5, 4.5]), [140, 70]);
  // Turned clockwise: rows run to the left.
  const turned = matrixOf(({ x, y }) => ({ x: 100 - 20 * y, y: 50 + 40 * x }), 10, 5);
  assert.deepEqual(placed(turned, [-0.5, 4.5]), [80, 50]);
  assert.equal(matrixOf(() => null, 10, 5), null);
});

test('rings of a segment are one path, notes stand by themselves', () => {
  const ring = { segment: 1, closed: true, points: [[0, 0], [2, 0], [2, 2]] };
  const line = { segment: 2, closed: false, points: [[1, 1], [3, 3.5]] };
  assert.equal(pathOf([ring, line]), 'M0 0L2 0L2 2ZM1 1L3 3.5');
  const text = { segment: 2, shape: 'text', text: 'A', points: [[1, 1]], colour: '#ffffff' };
  const { lines, notes } = contentOf([ring, line, text, { segment: 1, display: {} }], (segment) => `#00000${segment}`);
  assert.deepEqual([...lines], [['#000001', [ring]], ['#000002', [line]]]);
  assert.deepEqual(notes, [text]);
});

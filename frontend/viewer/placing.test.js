import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf } from './marks.js';
import { handlesOf, pointsOf } from './radiology/placing.js';

const words = (key, { n, unit = '' } = {}) => `${key} ${n} ${unit}`.trim();

test('two corners make the points of a rectangle and of an ellipse, and come out of them again', () => {
  const corners = [[10, 50], [30, 20]];
  const rectangle = pointsOf('rectangle', corners);
  assert.deepEqual(rectangle, [[10, 50], [30, 50], [10, 20], [30, 20]]);
  assert.deepEqual(handlesOf('rectangle', rectangle), [[10, 50], [30, 20]]);
  const ellipse = pointsOf('ellipse', corners);
  assert.deepEqual(ellipse, [[20, 50], [20, 20], [10, 35], [30, 35]]);
  assert.deepEqual(pointsOf('ellipse', handlesOf('ellipse', ellipse)), ellipse);
  assert.deepEqual(pointsOf('angle', [[1, 1], [2, 2], [3, 1]]), [[1, 1], [2, 2], [3, 1]]);
});

test('the lines at a mark are the server\'s values', () => {
  assert.deepEqual(linesOf({ text: '', value: { length_mm: 52.47 } }, words), ['52.5 mm']);
  assert.deepEqual(linesOf({ text: '', value: { angle_deg: 30 } }, words), ['30°']);
  assert.deepEqual(linesOf({ text: '结节', value: {} }, words), ['结节']);
  assert.deepEqual(linesOf({ text: '', value: { area_mm2: 314.159, mean: 41.25, deviation: 3, unit: 'HU' } }, words), ['3.14 cm²', 'mark.mean 41.3 HU', 'mark.deviation 3 HU']);
  assert.deepEqual(linesOf({ text: '', value: { length_px: 7 } }, words), ['mark.pixels 7']);
});

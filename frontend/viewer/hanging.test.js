import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backOf, hang, mirroredView, viewOf } from './hanging.js';

const header = (side, view, along, more = {}) => ({
  '00200062': { Value: [side] }, '00185101': { Value: [view] }, '00200020': { Value: [along, 'F'] }, ...more,
});

test('a view is known by side and position, or by its code', () => {
  assert.equal(viewOf(header('R', 'CC', 'P')), 'RCC');
  assert.equal(viewOf({ '00200060': { Value: ['L'] }, '00185101': { Value: ['MLO'] } }), 'LMLO');
  assert.equal(viewOf({ '00200062': { Value: ['L'] }, '00540220': { Value: [{ '00080100': { Value: ['R-10242'] } }] } }), 'LCC');
  assert.equal(viewOf(header('R', 'XCCL', 'P')), null);
  assert.equal(viewOf({}), null);
});

test('backs come together', () => {
  // Rows that run to the front of the body have the back on the left.
  assert.equal(mirroredView(header('R', 'CC', 'A'), 'RCC'), true);
  assert.equal(mirroredView(header('R', 'CC', 'P'), 'RCC'), false);
  assert.equal(mirroredView(header('L', 'CC', 'P'), 'LCC'), true);
  assert.equal(mirroredView(header('L', 'CC', 'A'), 'LCC'), false);
  assert.equal(mirroredView({}, 'LCC'), false);
  assert.deepEqual(['RCC', 'LMLO'].map(backOf), [1, -1]);
});

test('four views hang in four panes, whatever series they are in; the first of each kind', () => {
  const one = { id: 7, headers: [header('L', 'MLO', 'A'), header('R', 'CC', 'A')] };
  const other = { id: 9, headers: [header('R', 'CC', 'P'), header('L', 'CC', 'A')] };
  assert.deepEqual(hang([one, other]), [
    { view: 'RCC', series: 7, index: 1, mirrored: true },
    { view: 'LCC', series: 9, index: 1, mirrored: false },
    null,
    { view: 'LMLO', series: 7, index: 0, mirrored: false },
  ]);
});

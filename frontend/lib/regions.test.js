import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between, fromText, inTheMiddle, keyed, moved, pointAt, stretched, toText } from './regions.js';

const size = { width: 200, height: 100 };
const region = { x: 10, y: 20, width: 30, height: 40 };

test('a place on the screen is a place on the picture, however large that is shown', () => {
  assert.deepEqual(pointAt({ left: 50, top: 10, width: 400, height: 50 }, size, 150, 35), { x: 50, y: 50 });
});

test('every pixel that is touched is inside, whichever way one draws', () => {
  const drawn = { x: 3, y: 4, width: 8, height: 6 };
  assert.deepEqual(between({ x: 3.9, y: 4.1 }, { x: 10.2, y: 9.5 }, size), drawn);
  assert.deepEqual(between({ x: 10.2, y: 4.1 }, { x: 3.9, y: 9.5 }, size), drawn);
});

test('what is drawn beyond the edge ends at it; beside the picture there is nothing', () => {
  assert.deepEqual(between({ x: -20, y: 90 }, { x: 30, y: 400 }, size), { x: 0, y: 90, width: 30, height: 10 });
  assert.equal(between({ x: 210, y: 5 }, { x: 260, y: 30 }, size), null);
});

test('moving keeps the size and stays on the picture', () => {
  assert.deepEqual(moved(region, 5, -5, size), { ...region, x: 15, y: 15 });
  assert.deepEqual(moved(region, 500, -500, size), { ...region, x: 170, y: 0 });
});

test('stretching moves the edges that are named and leaves one pixel', () => {
  assert.deepEqual(stretched(region, 'nw', -5, -5, size), { x: 5, y: 15, width: 35, height: 45 });
  assert.deepEqual(stretched(region, 'se', 500, 5, size), { x: 10, y: 20, width: 190, height: 45 });
  assert.deepEqual(stretched(region, 'se', -500, -500, size), { x: 10, y: 20, width: 1, height: 1 });
  assert.deepEqual(stretched(region, 'nw', 500, 500, size), { x: 39, y: 59, width: 1, height: 1 });
});

test('arrow keys move by a hundredth, with Shift stretch, with Ctrl go by pixels', () => {
  assert.deepEqual(keyed(region, { key: 'ArrowRight' }, size), { ...region, x: 12 });
  assert.deepEqual(keyed(region, { key: 'ArrowUp', ctrlKey: true }, size), { ...region, y: 19 });
  assert.deepEqual(keyed(region, { key: 'ArrowDown', shiftKey: true }, size), { ...region, height: 42 });
  assert.deepEqual(keyed(region, { key: 'ArrowLeft', shiftKey: true, ctrlKey: true }, size), { ...region, width: 29 });
  assert.equal(keyed(region, { key: 'Enter' }, size), null);
});

test('a new one lies in the middle and on the picture, however small that is', () => {
  assert.deepEqual(inTheMiddle(size), { x: 75, y: 45, width: 50, height: 10 });
  assert.deepEqual(inTheMiddle({ width: 1, height: 1 }), { x: 0, y: 0, width: 1, height: 1 });
});

test('they go into a form and come back', () => {
  assert.equal(toText([region]), '[[10,20,30,40]]');
  assert.deepEqual(fromText('[[10,20,30,40]]'), [region]);
  assert.deepEqual(['', 'nonsense'].map(fromText), [[], []]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  aroundPoints, cameraOf, captureSlide, lengthText, magnificationOf, scaleBar, scaleOf, shownMagnification, stepOf, turnedTo, zoomAt, zoomOf,
} from './camera.js';

const CAMERA = { x: 12345.678, y: 0.004, scale: 812.34567, rotation: 450 };

test('a state says where a slide\'s view is', () => {
  const state = captureSlide(3, CAMERA);
  assert.deepEqual(state, { slide: 3, camera: [12345.68, 0, 812.346, 90] });
  assert.deepEqual(cameraOf(state), { x: 12345.68, y: 0, scale: 812.346, rotation: 90 });
  assert.deepEqual(captureSlide(3, cameraOf(state)), state);
});

test('a camera that is none is not taken', () => {
  for (const camera of [undefined, null, [], [1, 2, 3], [1, 2, 0, 0], [1, 2, -3, 0], [1, 2, NaN, 0], [1, 2, '3', 0]]) {
    assert.equal(cameraOf({ camera }), null);
  }
});

test('the longest state has room in 400 bytes', () => {
  const state = captureSlide(999999999, { x: 1048575.123456, y: 1048575.123456, scale: 1048575.123456, rotation: 359.99999 });
  assert.ok(JSON.stringify({ item: 999999999, pane: 3, panes: 4, ...state }).length <= 400);
});

test('half the height is the same in panes of every size', () => {
  assert.equal(zoomOf(500, 1000), 1);
  assert.ok(Math.abs(scaleOf(zoomOf(812.5, 613), 613) - 812.5) < 1e-6);
});

test('rotation goes round', () => {
  assert.deepEqual([0, 360, -90, 725].map(turnedTo), [0, 0, 270, 5]);
});

test('magnification goes by the objective', () => {
  assert.equal(magnificationOf(0.25, 40), 10);
  assert.equal(magnificationOf(0.25, null), null);
  assert.equal(zoomAt(10, 40), 0.25);
  assert.deepEqual([0.62, 2.54, 9.96, 38.4].map(shownMagnification), ['0.6', '2.5', '10', '38']);
  assert.equal(stepOf([2, 4, 10, 20, 40], 10.1), 2);
  assert.equal(stepOf([2, 4, 10, 20, 40], 11), -1);
});

test('the scale bar has a round length and never more room than there is', () => {
  assert.deepEqual(scaleBar(0.5, 1), { um: 50, px: 100 });
  assert.deepEqual(scaleBar(0.25, 0.01), { um: 2000, px: 80 });
  assert.equal(scaleBar(null, 1), null);
  for (const zoom of [0.003, 0.02, 0.17, 0.9, 2]) assert.ok(scaleBar(0.25, zoom).px <= 160);
  assert.deepEqual([5, 200, 1000, 2500].map(lengthText), ['5 µm', '200 µm', '1 mm', '2.5 mm']);
});

test('a camera around a region has it in the middle', () => {
  assert.deepEqual(aroundPoints([[100, 200], [300, 200], [300, 300], [100, 300]]), [200, 250, 200, 0]);
  assert.deepEqual(aroundPoints([[5, 5]]), [5, 5, 1, 0]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeLetters, lettersOf, mirrored, moved, scaleBar, turned, zoomed } from './camera.js';
import { apply, capture, same } from './state.js';

const AXIAL = { focal: [1, 2, 3], normal: [0, 0, -1], up: [0, -1, 0], scale: 250 };
const PICTURES = [1, 2, 3].map((n) => ({ uid: `2.25.${n}`, frame: 1 }));
const VIEW = { series: 12, pictures: PICTURES, index: 1, window: { center: -600, width: 1500 }, invert: false, camera: AXIAL };

test('a state says where a view is, and brings another view there', () => {
  const state = capture(VIEW);
  assert.deepEqual(state, {
    series: 12, index: 1, image: '2.25.2', frame: 1, center: -600, width: 1500, camera: [1, 2, 3, 0, 0, -1, 0, -1, 0, 250],
  });
  const other = { ...VIEW, index: 0, window: null, invert: true, camera: zoomed(AXIAL, 3) };
  assert.deepEqual(apply(other, state), VIEW);
  assert.ok(same(capture(apply(other, state)), state));
});

test('the image counts, not its number: who has more pictures finds the same one', () => {
  const more = [{ uid: '2.25.0', frame: 1 }, ...PICTURES];
  assert.equal(apply({ ...VIEW, pictures: more }, capture(VIEW)).index, 2);
  assert.equal(apply(VIEW, { series: 12, index: 2, center: null, width: null }).index, 2);
  assert.equal(apply(VIEW, { series: 12, index: 9, center: null, width: null }).index, 2);
  const frames = [1, 2, 3].map((frame) => ({ uid: '2.25.9', frame }));
  assert.equal(apply({ ...VIEW, pictures: frames }, { ...capture({ ...VIEW, pictures: frames, index: 2 }), index: 0 }).index, 2);
});

test('a state of drawn pictures leaves the camera, and takes the header\'s window', () => {
  const went = apply({ ...VIEW, invert: true }, { series: 12, index: 0, center: null, width: null });
  assert.deepEqual([went.window, went.invert, went.camera], [null, false, AXIAL]);
});

test('a camera that is none is not taken', () => {
  for (const camera of [null, [], [1, 2, 3], [...AXIAL.focal, ...AXIAL.normal, ...AXIAL.up, 0]]) {
    assert.equal(apply(VIEW, { ...capture(VIEW), camera }).camera, AXIAL);
  }
});

test('the longest state has room in 400 bytes', () => {
  const uid = `2.25.${'3'.repeat(59)}`;
  const worst = {
    series: 999999999, pictures: Array(10000).fill({ uid, frame: 9999 }), index: 9999, window: { center: -12345.67, width: 65535.12 }, invert: true,
    camera: { focal: [-1234.56789, -2345.67891, -3456.78912], normal: [-0.57735, -0.57735, -0.57735], up: [-0.57735, -0.57735, -0.57735], scale: 1234.56789 },
  };
  const wire = { item: 999999999, pane: 3, panes: 4, ...capture(worst) };
  assert.ok(new TextEncoder().encode(JSON.stringify(wire)).length <= 400, JSON.stringify(wire).length);
});

test('the middle survives the wire within a hundredth of a millimetre', () => {
  const camera = { ...AXIAL, focal: [12.345678, -98.765432, 0.000049] };
  const { focal } = apply(VIEW, JSON.parse(JSON.stringify(capture({ ...VIEW, camera })))).camera;
  focal.forEach((one, axis) => assert.ok(Math.abs(one - camera.focal[axis]) < 0.0001));
});

test('letters at the edges turn and mirror with the picture', () => {
  assert.deepEqual(edgeLetters(AXIAL), { top: 'A', right: 'L', bottom: 'P', left: 'R' });
  assert.deepEqual(edgeLetters(turned(AXIAL, 90)), { top: 'R', right: 'A', bottom: 'L', left: 'P' });
  assert.deepEqual(edgeLetters(mirrored(AXIAL)), { top: 'A', right: 'R', bottom: 'P', left: 'L' });
  assert.deepEqual(edgeLetters(mirrored(AXIAL, true)), { top: 'P', right: 'L', bottom: 'A', left: 'R' });
  assert.equal(lettersOf([0.9, 0.1, 0.42]), 'LH');
});

test('a picture moved to the right shows more of its left', () => {
  assert.deepEqual(moved(AXIAL, 0.1, 0).focal, [-49, 2, 3]);
  assert.deepEqual(moved(AXIAL, 0, 0.1).focal, [1, -48, 3]);
});

test('the scale bar has a round length', () => {
  assert.deepEqual(scaleBar(AXIAL), { mm: 100, share: 0.2 });
  assert.deepEqual(scaleBar(zoomed(AXIAL, 20)), { mm: 5, share: 0.2 });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSheet, projection, sheetSize, straighten, turnCorners, whole } from './straighten.js';

const corners = (...pairs) => pairs.map(([x, y]) => ({ x, y }));
const SEEN = corners([30, 20], [180, 5], [170, 190], [10, 160]);

// A picture by a rule for each pixel's colour.
function picture(width, height, colour) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) data.set([...colour(x, y), 255], (y * width + x) * 4);
  }
  return { data, width, height };
}

const at = ({ data, width }, x, y) => [...data.slice((y * width + x) * 4, (y * width + x) * 4 + 3)];

test('the projection takes the corners of the square to the corners seen', () => {
  const [a, b, c, d, e, f, g, h] = projection(SEEN);
  const seen = [[0, 0], [1, 0], [1, 1], [0, 1]].map(([u, v]) => {
    const depth = g * u + h * v + 1;
    return { x: Math.round(((a * u + b * v + c) / depth) * 1e6) / 1e6, y: Math.round(((d * u + e * v + f) / depth) * 1e6) / 1e6 };
  });
  assert.deepEqual(seen, SEEN);
});

test('a picture between its own corners stays the same to the last bit', () => {
  const source = picture(7, 5, (x, y) => [x * 30, y * 50, x * y]);
  const whole = corners([0, 0], [7, 0], [7, 5], [0, 5]);
  assert.deepEqual(straighten(source, whole, sheetSize(whole, 100)), source);
});

test('corners that begin elsewhere turn the sheet by a quarter', () => {
  const source = picture(4, 3, (x, y) => [x * 10, y * 10, 0]);
  const [nw, ne, se, sw] = corners([0, 0], [4, 0], [4, 3], [0, 3]);
  const turned = straighten(source, [sw, nw, ne, se], sheetSize([sw, nw, ne, se], 100));
  assert.deepEqual([turned.width, turned.height], [3, 4]);
  assert.deepEqual([at(turned, 0, 0), at(turned, 2, 3)], [[0, 20, 0], [30, 0, 0]]);
});

test('a sheet seen at an angle is a chequerboard again', () => {
  const [a, b, c, d, e, f, g, h] = projection(SEEN);
  // What a camera sees of a board of 4 x 4 fields: each pixel asks, by the inverse, where on the board it looks.
  const [A, B, C] = [e - f * h, c * h - b, b * f - c * e];
  const [D, E, F] = [f * g - d, a - c * g, c * d - a * f];
  const [G, H, I] = [d * h - e * g, b * g - a * h, a * e - b * d];
  const source = picture(200, 200, (x, y) => {
    const depth = G * (x + 0.5) + H * (y + 0.5) + I;
    const u = (A * (x + 0.5) + B * (y + 0.5) + C) / depth;
    const v = (D * (x + 0.5) + E * (y + 0.5) + F) / depth;
    if (u < 0 || u > 1 || v < 0 || v > 1) return [0, 0, 255];
    return (Math.floor(u * 4) + Math.floor(v * 4)) % 2 ? [0, 0, 0] : [255, 255, 255];
  });
  const sheet = straighten(source, SEEN, { width: 160, height: 160 });
  for (let row = 0; row < 4; row += 1) {
    for (let column = 0; column < 4; column += 1) {
      const shade = (row + column) % 2 ? [0, 0, 0] : [255, 255, 255];
      for (const [dx, dy] of [[10, 10], [20, 20], [30, 30]]) assert.deepEqual(at(sheet, column * 40 + dx, row * 40 + dy), shade);
    }
  }
});

test('a sheet has the length of its longer edges, and no more than is asked for', () => {
  const tapered = corners([20, 0], [80, 0], [100, 50], [0, 50]);
  assert.deepEqual(sheetSize(tapered, 1000), { width: 100, height: 54 });
  assert.deepEqual(sheetSize(tapered, 50), { width: 50, height: 27 });
});

test('corners that cross, or lie in a line, are no sheet', () => {
  assert.equal(isSheet(SEEN), true);
  assert.equal(isSheet([SEEN[1], SEEN[0], SEEN[2], SEEN[3]]), false);
  assert.equal(isSheet(corners([0, 0], [10, 0], [20, 0], [0, 10])), false);
  assert.equal(isSheet(corners([0, 0], [10, 0], [2, 2], [0, 10])), false);
});

test('corners turn with the picture', () => {
  const size = { width: 200, height: 100 };
  const turned = { width: 100, height: 200 };
  assert.deepEqual(turnCorners(whole(size), size), whole(turned));
  const once = turnCorners(corners([10, 20], [190, 5], [180, 90], [15, 80]), size);
  assert.deepEqual(once, corners([20, 15], [80, 10], [95, 190], [10, 180]));
  const round = turnCorners(turnCorners(turnCorners(once, turned), size), turned);
  assert.deepEqual(round, corners([10, 20], [190, 5], [180, 90], [15, 80]));
});

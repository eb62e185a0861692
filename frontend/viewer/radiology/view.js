// Reads and moves a viewport of Cornerstone in the terms of camera.js. Both of its ways of drawing are measured by the same rule (what lies under
// the corners of the pane), and neither is asked for its own view of flips, rotation and zoom: those differ between them.
import { add, angleBetween, cross, dot, length, minus, times, unit } from '../camera.js';
import { core, drawsByProcessor } from './cornerstone.js';
import { planeOf } from './source.js';

const FAR = 500;

// The pane as Cornerstone knows it: a change of its box comes to it a little later.
function sizeOf(viewport) {
  const ratio = window.devicePixelRatio || 1;
  const { width, height } = drawsByProcessor() ? viewport.canvas : viewport.getRenderedCanvasSize();
  return { width: width / ratio, height: height / ratio };
}

export function readCamera(viewport) {
  const { width, height } = sizeOf(viewport);
  if (!width || !height) return null;
  const at = (x, y) => [...viewport.canvasToWorld([x, y])];
  const [middle, top, bottom, left, right] = [at(width / 2, height / 2), at(width / 2, 0), at(width / 2, height), at(0, height / 2), at(width, height / 2)];
  const up = minus(top, bottom);
  const across = unit(minus(right, left));
  return { focal: middle, normal: unit(cross(across, unit(up))), up: unit(up), scale: length(up) / 2 };
}

// The picture as it was stored, upright and whole: rows run to the right, columns downwards.
export function wholePicture(viewport, id) {
  const { origin, row, column, spacing, columns, rows } = planeOf(id);
  const { width, height } = sizeOf(viewport);
  const size = [columns * spacing[0], rows * spacing[1]];
  const middle = [(columns - 1) / 2 * spacing[0], (rows - 1) / 2 * spacing[1]];
  return {
    focal: add(add(origin, times(row, middle[0])), times(column, middle[1])),
    normal: unit(cross(column, row)),
    up: times(column, -1),
    scale: Math.max(size[1], size[0] * (height / (width || 1))) / 2,
  };
}

// One pixel of the picture on each pixel of the screen, middle on middle.
export function actualSize(viewport, id) {
  const { origin, row, column, spacing, columns, rows } = planeOf(id);
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = Object.values(sizeOf(viewport)).map((one) => Math.round(one * ratio));
  const middle = (count, screen) => {
    const off = screen % 2 ? 0 : 0.5;
    return Math.round((count - 1) / 2 - off) + off;
  };
  return {
    ...wholePicture(viewport, id),
    focal: add(add(origin, times(row, middle(columns, width) * spacing[0])), times(column, middle(rows, height) * spacing[1])),
    scale: height / 2 * spacing[1],
  };
}

// A part of it (left, top, width and height in its pixels) as large as it goes.
export function partOfPicture(viewport, id, [left, top, wide, high]) {
  const { spacing, columns, rows } = planeOf(id);
  const { width, height } = sizeOf(viewport);
  const focal = worldOfShare(id, { x: (left + wide / 2 + 0.5) / columns, y: (top + high / 2 + 0.5) / rows });
  return { ...wholePicture(viewport, id), focal, scale: Math.max(high * spacing[1], wide * spacing[0] * (height / (width || 1))) / 2 };
}

// A camera lies in the plane of the picture that is shown, whatever slice it was taken from.
function inPlane(camera, id) {
  const { origin, row, column } = planeOf(id);
  const normal = unit(cross(row, column));
  const off = dot(minus(camera.focal, origin), normal);
  return { ...camera, focal: minus(camera.focal, times(normal, off)) };
}

export function writeCamera(viewport, camera, id) {
  const wanted = inPlane(camera, id);
  if (drawsByProcessor()) writeByProcessor(viewport, wanted, id);
  else writeByCard(viewport, wanted);
}

function writeByCard(viewport, { focal, normal, up, scale }) {
  viewport.setCamera({ focalPoint: focal, position: add(focal, times(normal, FAR)), viewPlaneNormal: normal, viewUp: up, parallelScale: scale });
}

function writeByProcessor(viewport, camera, id) {
  const { row, column } = planeOf(id);
  const flip = dot(camera.normal, cross(row, column)) > 0;
  viewport.setCamera({ flipHorizontal: flip, flipVertical: false });
  viewport.setRotation(0);
  viewport.setCamera({});
  const before = readCamera(viewport);
  const turn = angleBetween(before.up, camera.up, before.normal);
  viewport.setRotation(turn);
  viewport.setCamera({});
  const after = readCamera(viewport);
  if (dot(after.up, camera.up) < 0.999) {
    viewport.setRotation(-turn);
    viewport.setCamera({});
  }
  // Its scale counts in pixels of the screen, ours in millimetres of the pane: measured, and mended once.
  for (let round = 0; round < 2; round += 1) {
    const { scale } = viewport.getCamera();
    viewport.setCamera({ scale: scale * (readCamera(viewport).scale / camera.scale) });
    viewport.setCamera({ focalPoint: camera.focal });
  }
}

// Whether two pictures lie alike, so that who looks at the one goes on at the same place of the other.
export function alike(one, other) {
  const [a, b] = [planeOf(one), planeOf(other)];
  const off = minus(a.origin, b.origin);
  const across = [dot(off, a.row) / (a.columns * a.spacing[0]), dot(off, a.column) / (a.rows * a.spacing[1])];
  return a.columns === b.columns && a.rows === b.rows && dot(a.row, b.row) > 0.99 && dot(a.column, b.column) > 0.99
    && Math.abs(a.spacing[0] / b.spacing[0] - 1) < 0.01 && across.every((share) => Math.abs(share) < 0.5);
}

// The window that is on the screen, and whether somebody chose it: {shown, own}; none for colour.
export function readWindow(viewport) {
  const image = viewport.getCornerstoneImage();
  if (image.color) return { shown: null, own: null };
  if (!drawsByProcessor()) {
    const { voiRange, isComputedVOI } = viewport.getProperties();
    const shown = voiRange ? windowOf(voiRange) : null;
    return { shown, own: isComputedVOI ? null : shown };
  }
  // Drawn by the processor it is kept elsewhere, and what is asked for by name is that of the header.
  const { windowCenter: center, windowWidth: width } = viewport._cpuFallbackEnabledElement.viewport.voi;
  const header = headerWindow(image);
  const same = Math.abs(center - header.center) < 0.01 && Math.abs(width - header.width) < 0.01;
  return { shown: { center, width }, own: same ? null : { center, width } };
}

function windowOf({ lower, upper }) {
  const { windowCenter, windowWidth } = core.utilities.windowLevel.toWindowLevel(lower, upper);
  return { center: windowCenter, width: windowWidth };
}

export function rangeOf({ center, width }) {
  return core.utilities.windowLevel.toLowHighRange(width, center);
}

const first = (one) => Number(Array.isArray(one) ? one[0] : one);

export function headerWindow(image) {
  return { center: first(image.windowCenter), width: first(image.windowWidth) };
}

// The share (0 to 1) of the picture's width and height under a place of the pane, and back.
export function shareAt(viewport, id, x, y) {
  const { origin, row, column, spacing, columns, rows } = planeOf(id);
  const off = minus([...viewport.canvasToWorld([x, y])], origin);
  return { x: (dot(off, row) / spacing[0] + 0.5) / columns, y: (dot(off, column) / spacing[1] + 0.5) / rows };
}

export function placeOfShare(viewport, id, share) {
  const world = worldOfShare(id, share);
  const [x, y] = viewport.worldToCanvas(world);
  return { x, y };
}

export function worldOfShare(id, { x, y }) {
  const { origin, row, column, spacing, columns, rows } = planeOf(id);
  return add(add(origin, times(row, (x * columns - 0.5) * spacing[0])), times(column, (y * rows - 0.5) * spacing[1]));
}


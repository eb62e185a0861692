// How a picture is looked at, in the patient's millimetres: {focal, normal, up, scale}. `focal` lies in the middle of the pane, `normal`
// points from the picture to the eye, `scale` is half the pane's height. Pure; every engine and size of pane means the same by it.
const TURN = Math.PI / 180;

export const add = (a, b) => a.map((one, axis) => one + b[axis]);
export const minus = (a, b) => a.map((one, axis) => one - b[axis]);
export const times = (a, factor) => a.map((one) => one * factor);
export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
export const length = (a) => Math.sqrt(dot(a, a));
export const unit = (a) => times(a, 1 / (length(a) || 1));

export function rightOf({ up, normal }) {
  return cross(up, normal);
}

// The picture turns clockwise.
export function turned(camera, degrees) {
  const [cos, sin] = [Math.cos(degrees * TURN), Math.sin(degrees * TURN)];
  return { ...camera, up: unit(add(times(camera.up, cos), times(rightOf(camera), -sin))) };
}

// Left and right change places, or above and below (`upright`).
export function mirrored(camera, upright = false) {
  return { ...camera, normal: times(camera.normal, -1), up: upright ? times(camera.up, -1) : camera.up };
}

// Larger by the factor, about the middle.
export function zoomed(camera, factor) {
  return { ...camera, scale: camera.scale / factor };
}

// The picture moves by shares of the pane's height, to the right and downwards.
export function moved(camera, right, down) {
  const by = camera.scale * 2;
  return { ...camera, focal: add(add(camera.focal, times(rightOf(camera), -right * by)), times(camera.up, down * by)) };
}

// How far `up` must be turned, seen by the eye against the clock, from one direction to another: -180 to 180 degrees.
export function angleBetween(from, to, normal) {
  return Math.atan2(dot(cross(from, to), normal), dot(from, to)) / TURN;
}

// Letters of a direction in the patient (DICOM PS3.3 C.7.6.1.1.1; rules/orientation.py has the same rule).
const LETTERS = [['L', 'R'], ['P', 'A'], ['H', 'F']];
const REFINES = 0.25;

export function lettersOf(direction) {
  const strongest = [0, 1, 2].sort((a, b) => Math.abs(direction[b]) - Math.abs(direction[a]));
  return strongest.slice(0, 2).filter((axis, place) => place === 0 || Math.abs(direction[axis]) >= REFINES)
    .map((axis) => LETTERS[axis][direction[axis] < 0 ? 1 : 0]).join('');
}

export function edgeLetters(camera) {
  const right = rightOf(camera);
  return { top: lettersOf(camera.up), right: lettersOf(right), bottom: lettersOf(times(camera.up, -1)), left: lettersOf(times(right, -1)) };
}

// A round length that takes about a fifth of the pane's height: {mm, share of the height}.
export function scaleBar(camera) {
  const most = camera.scale * 2 * 0.3;
  const power = 10 ** Math.floor(Math.log10(most));
  const mm = [5, 2, 1].map((step) => step * power).find((one) => one <= most) || power;
  return { mm, share: mm / (camera.scale * 2) };
}

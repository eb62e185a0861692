// Where a slide's view stands: pure functions. A camera is {x, y, scale, rotation}: the middle in full-resolution pixels, half the height of the
// pane in such pixels, degrees clockwise. So two panes of different size show the same middle as large as they can.
import { rounded } from '../numbers.js';

const NUMBERS = 4;

// Degrees from 0 to 360.
export function turnedTo(rotation) {
  return ((rotation % 360) + 360) % 360;
}

// The state on the wire; without `item`, `pane` and `panes`, which are not the pane's to know.
export function captureSlide(slide, { x, y, scale, rotation }) {
  return { slide, camera: [rounded(x, 2), rounded(y, 2), rounded(scale, 3), rounded(turnedTo(rotation), 2)] };
}

// The camera of a state, or nothing where it has none.
export function cameraOf({ camera }) {
  if (!Array.isArray(camera) || camera.length !== NUMBERS || !camera.every(Number.isFinite) || camera[2] <= 0) return null;
  const [x, y, scale, rotation] = camera;
  return { x, y, scale, rotation: turnedTo(rotation) };
}

// Pixels of the screen for one of the slide, in a pane of that height; and back.
export function zoomOf(scale, height) {
  return height / 2 / scale;
}

export function scaleOf(zoom, height) {
  return height / 2 / zoom;
}

// The magnification of the microscope at which it looks like this; nothing where the slide does not say how it was scanned.
export function magnificationOf(zoom, objective) {
  return objective ? zoom * objective : null;
}

export function zoomAt(magnification, objective) {
  return magnification / objective;
}

// As a person writes it: 2.5, 10, 38.
export function shownMagnification(value) {
  return String(value < 9.95 ? rounded(value, 1) : Math.round(value));
}

// Which of the steps is meant by a magnification: its place, or -1.
export function stepOf(steps, magnification) {
  return steps.findIndex((step) => Math.abs(magnification / step - 1) < 0.02);
}

// A bar of a round length, at most so many pixels of the screen: {um, px}; nothing where the slide does not say how large a pixel is.
export function scaleBar(mpp, zoom, most = 160) {
  if (!mpp) return null;
  const longest = most / zoom * mpp;
  const power = 10 ** Math.floor(Math.log10(longest));
  const um = [5, 2, 1].map((step) => step * power).find((one) => one <= longest) || power;
  return { um, px: um / mpp * zoom };
}

export function lengthText(um) {
  return um >= 1000 ? `${rounded(um / 1000, 3)} mm` : `${rounded(um, 3)} µm`;
}

// A camera's numbers with such points in the middle, and as much around them.
export function aroundPoints(points) {
  const [across, down] = [0, 1].map((axis) => points.map((point) => point[axis]));
  const middle = (numbers) => (Math.min(...numbers) + Math.max(...numbers)) / 2;
  const extent = (numbers) => Math.max(...numbers) - Math.min(...numbers);
  return [middle(across), middle(down), Math.max(extent(across), extent(down), 1), 0];
}

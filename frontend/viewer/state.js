// What a pane shows, as it goes over the wire (signal `viewport`): pure functions over plain objects. A view is {series, pictures: [{uid, frame}],
// index, window: {center, width} or null for the header's own choice, invert, camera: see camera.js, or null}.
import { rounded } from './numbers.js';

const NUMBERS = 10;

// The state of a view; without `item`, `pane` and `panes`, which are not the pane's to know.
export function capture(view) {
  const { series, index, window, invert, camera } = view;
  const picture = view.pictures && view.pictures[index];
  return {
    series, index,
    ...(picture ? { image: picture.uid, frame: picture.frame } : {}),
    center: window ? rounded(window.center, 2) : null,
    width: window ? rounded(window.width, 2) : null,
    ...(invert ? { invert: true } : {}),
    ...(camera ? { camera: [...camera.focal, ...camera.normal, ...camera.up, camera.scale].map((one) => rounded(one, 4)) } : {}),
  };
}

// The view that a state asks for: what it does not say stays as it is, but for window and inversion, which are the header's then.
export function apply(view, state) {
  return {
    ...view,
    index: placeOf(view, state),
    window: state.center === null || state.center === undefined ? null : { center: state.center, width: state.width },
    invert: Boolean(state.invert),
    camera: cameraOf(state.camera) || view.camera,
  };
}

// By the image itself; its number is a hint for those who know pictures by number only.
function placeOf({ pictures, index }, state) {
  const found = state.image ? pictures.findIndex(({ uid, frame }) => uid === state.image && frame === (state.frame || 1)) : -1;
  if (found >= 0) return found;
  const wanted = state.index === undefined ? index : state.index;
  return Math.max(0, Math.min(pictures.length - 1, wanted));
}

function cameraOf(numbers) {
  if (!Array.isArray(numbers) || numbers.length !== NUMBERS || numbers[9] <= 0) return null;
  return { focal: numbers.slice(0, 3), normal: numbers.slice(3, 6), up: numbers.slice(6, 9), scale: numbers[9] };
}

// Whether two states are the same to the eye.
export function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

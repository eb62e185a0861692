// Rectangles on a picture, in its own pixels: {x, y, width, height}, whole numbers inside of {width, height}.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
// So many steps of an arrow key from edge to edge.
const STEPS = 100;

export const clamp = (value, least, most) => Math.max(least, Math.min(most, value));

// A place on the screen in pixels of the picture, which fills `box` (of getBoundingClientRect); may lie outside.
export function pointAt(box, size, clientX, clientY) {
  return { x: ((clientX - box.left) / box.width) * size.width, y: ((clientY - box.top) / box.height) * size.height };
}

// The rectangle between two points, every pixel that is touched included; null where nothing of it is on the picture.
export function between(from, to, size) {
  const left = clamp(Math.floor(Math.min(from.x, to.x)), 0, size.width);
  const top = clamp(Math.floor(Math.min(from.y, to.y)), 0, size.height);
  const width = clamp(Math.ceil(Math.max(from.x, to.x)), 0, size.width) - left;
  const height = clamp(Math.ceil(Math.max(from.y, to.y)), 0, size.height) - top;
  return width > 0 && height > 0 ? { x: left, y: top, width, height } : null;
}

export function moved(region, dx, dy, size) {
  return {
    ...region,
    x: clamp(region.x + Math.round(dx), 0, size.width - region.width),
    y: clamp(region.y + Math.round(dy), 0, size.height - region.height),
  };
}

// With some of its edges moved ('n', 'e', 's', 'w' in `edges`); one pixel stays at least.
export function stretched(region, edges, dx, dy, size) {
  let { x: left, y: top } = region;
  let [right, bottom] = [left + region.width, top + region.height];
  if (edges.includes('w')) left = clamp(left + Math.round(dx), 0, right - 1);
  if (edges.includes('e')) right = clamp(right + Math.round(dx), left + 1, size.width);
  if (edges.includes('n')) top = clamp(top + Math.round(dy), 0, bottom - 1);
  if (edges.includes('s')) bottom = clamp(bottom + Math.round(dy), top + 1, size.height);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

// How far an arrow key goes on the picture, [dx, dy], with Ctrl by one pixel; null for another key.
export function arrowStep({ key, ctrlKey }, size) {
  const arrow = ARROWS[key];
  if (!arrow) return null;
  const step = ctrlKey ? 1 : Math.max(1, Math.round(Math.max(size.width, size.height) / STEPS));
  return [arrow[0] * step, arrow[1] * step];
}

// What a key makes of a rectangle, null for a key that means nothing: arrows move, with Shift they move the right or lower edge.
export function keyed(region, event, size) {
  const step = arrowStep(event, size);
  if (!step) return null;
  return event.shiftKey ? stretched(region, 'es', ...step, size) : moved(region, ...step, size);
}

// A new one for who has no pointer: in the middle, a quarter wide.
export function inTheMiddle(size) {
  const [width, height] = [Math.ceil(size.width / 4), Math.ceil(size.height / 10)];
  return { x: Math.floor((size.width - width) / 2), y: Math.floor((size.height - height) / 2), width, height };
}

// As a form sends them: [[x, y, width, height]].
export function toText(regions) {
  return JSON.stringify(regions.map(({ x, y, width, height }) => [x, y, width, height]));
}

export function fromText(text) {
  try {
    return JSON.parse(text || '[]').map(([x, y, width, height]) => ({ x, y, width, height }));
  } catch {
    return [];
  }
}

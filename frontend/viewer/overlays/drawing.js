// Draws contours and notes over a picture as SVG, on either way of rendering. Pure but for the elements; points are column and row of the picture,
// 0 at the centre of its first pixel.
const SVG = 'http://www.w3.org/2000/svg';
const CROSS = 6;

export function element(name, attributes = {}) {
  const made = document.createElementNS(SVG, name);
  for (const [key, one] of Object.entries(attributes)) made.setAttribute(key, String(one));
  return made;
}

// From pixels of the picture to those of the pane: [a, b, c, d, e, f] as SVG writes it. `placeOf` takes shares of the picture (0 to 1).
export function matrixOf(placeOf, columns, rows) {
  const [origin, right, below] = [placeOf({ x: 0, y: 0 }), placeOf({ x: 1, y: 0 }), placeOf({ x: 0, y: 1 })];
  if (!origin || !right || !below) return null;
  const [a, b] = [(right.x - origin.x) / columns, (right.y - origin.y) / columns];
  const [c, d] = [(below.x - origin.x) / rows, (below.y - origin.y) / rows];
  // The centre of the first pixel lies half a pixel inside.
  return [a, b, c, d, origin.x + (a + c) / 2, origin.y + (b + d) / 2];
}

export function placed([a, b, c, d, e, f], [x, y]) {
  return [a * x + c * y + e, b * x + d * y + f];
}

// All rings of a segment as one path, so that holes stay empty.
export function pathOf(drawings) {
  return drawings.map(({ points, closed }) => `M${points.map(([x, y]) => `${x} ${y}`).join('L')}${closed ? 'Z' : ''}`).join('');
}

// One path for each colour of lines; points and texts each by itself, as they keep their size.
export function contentOf(drawings, colourOf) {
  const lines = new Map();
  const notes = [];
  for (const drawing of drawings) {
    if (!drawing.points) continue;
    const colour = drawing.colour || colourOf(drawing.segment);
    if (drawing.shape === 'point' || drawing.shape === 'text') notes.push({ ...drawing, colour });
    else lines.set(colour, [...(lines.get(colour) || []), drawing]);
  }
  return { lines, notes };
}

export class Layer {
  constructor(box) {
    this.root = element('svg', { class: 'overlay-layer', 'aria-hidden': 'true', 'data-overlay-layer': '' });
    this.group = element('g');
    this.over = element('g');
    this.root.append(this.group, this.over);
    box.append(this.root);
    this.notes = [];
  }

  fill({ lines, notes }) {
    this.group.replaceChildren(...[...lines].map(([colour, drawings]) => element('path', {
      d: pathOf(drawings), stroke: colour, fill: drawings.some(({ closed, shape }) => closed && !shape) ? colour : 'none',
      'fill-opacity': '0.1', 'fill-rule': 'evenodd', 'stroke-width': '1.6', 'vector-effect': 'non-scaling-stroke',
    })));
    this.notes = notes.map((note) => ({ note, made: this.noteOf(note) }));
    this.over.replaceChildren(...this.notes.map(({ made }) => made));
  }

  noteOf({ shape, text, colour }) {
    if (shape === 'point') return element('path', { d: `M${-CROSS} 0H${CROSS}M0 ${-CROSS}V${CROSS}`, stroke: colour, 'stroke-width': '1.6' });
    const made = element('text', { fill: colour });
    made.textContent = text || '…';
    return made;
  }

  moveTo(matrix) {
    this.root.toggleAttribute('hidden', !matrix);
    if (!matrix) return;
    this.group.setAttribute('transform', `matrix(${matrix.join(' ')})`);
    for (const { note, made } of this.notes) made.setAttribute('transform', `translate(${placed(matrix, note.points[0]).join(' ')})`);
  }
}

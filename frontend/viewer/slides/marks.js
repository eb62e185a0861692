// Regions marked on a slide, drawn over it: the corners in full-resolution pixels, the caption at the first.
const SVG = 'http://www.w3.org/2000/svg';

function element(name, attributes, text = '') {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

// `placeOf([x, y])` gives a pixel's place in the pane.
export function drawMarks(layer, marks, placeOf) {
  layer.replaceChildren(...marks.flatMap((mark) => {
    const places = mark.points.map(placeOf);
    const corners = places.map(({ x, y }) => `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`).join(' ');
    const top = places.reduce((one, other) => (other.y < one.y ? other : one));
    return [element('polygon', { points: corners }), element('text', { x: Math.round(top.x) + 2, y: Math.round(top.y) - 5 }, mark.text || '')];
  }));
}

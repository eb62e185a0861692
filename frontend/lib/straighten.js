// A photograph of a sheet, seen at an angle, made into the sheet seen from above. Corners are [{x, y}] in pixels, clockwise from
// the one that is to be at the upper left.

const cross = (a, b, c) => (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x);
const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

// The corners of a picture that is all sheet.
export function whole({ width, height }) {
  return [{ x: 0, y: 0 }, { x: width, y: 0 }, { x: width, y: height }, { x: 0, y: height }];
}

// Corners go with a picture (its size before) that is turned a quarter to the right, and begin again at the upper left.
export function turnCorners([nw, ne, se, sw], { height }) {
  return [sw, nw, ne, se].map(({ x, y }) => ({ x: height - y, y: x }));
}

// Whether the corners go round once, clockwise, and enclose something: anything else is no sheet.
export function isSheet(corners) {
  return corners.every((corner, place) => cross(corner, corners[(place + 1) % 4], corners[(place + 2) % 4]) > 0);
}

// Width and height of the sheet in whole pixels: its longer edges, so that nothing of it is lost; the longest side at most `most`.
export function sheetSize([nw, ne, se, sw], most) {
  const width = Math.max(distance(nw, ne), distance(sw, se));
  const height = Math.max(distance(nw, sw), distance(ne, se));
  const scale = Math.min(1, most / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

// The projection that takes the unit square to these corners: [a..h] of x = (a u + b v + c) / (g u + h v + 1), y likewise.
// After Heckbert, Fundamentals of Texture Mapping (1989), section 2.2.3.
export function projection([nw, ne, se, sw]) {
  const dx1 = ne.x - se.x;
  const dx2 = sw.x - se.x;
  const dx3 = nw.x - ne.x + se.x - sw.x;
  const dy1 = ne.y - se.y;
  const dy2 = sw.y - se.y;
  const dy3 = nw.y - ne.y + se.y - sw.y;
  const whole = dx1 * dy2 - dx2 * dy1;
  const g = (dx3 * dy2 - dx2 * dy3) / whole;
  const h = (dx1 * dy3 - dx3 * dy1) / whole;
  return [
    ne.x - nw.x + g * ne.x, sw.x - nw.x + h * sw.x, nw.x,
    ne.y - nw.y + g * ne.y, sw.y - nw.y + h * sw.y, nw.y,
    g, h,
  ];
}

// source: {data, width, height} as ImageData has them (RGBA). Answers the same of the sheet, each pixel mixed of the four
// around its place in the source; beyond the edge of the source the edge goes on.
export function straighten(source, corners, { width, height }) {
  const [a, b, c, d, e, f, g, h] = projection(corners);
  const { data: from, width: columns, height: rows } = source;
  const to = new Uint8ClampedArray(width * height * 4);
  let place = 0;
  for (let y = 0; y < height; y += 1) {
    const v = (y + 0.5) / height;
    for (let x = 0; x < width; x += 1) {
      const u = (x + 0.5) / width;
      const depth = g * u + h * v + 1;
      // Pixels are counted by their middle.
      const px = Math.min(columns - 1, Math.max(0, (a * u + b * v + c) / depth - 0.5));
      const py = Math.min(rows - 1, Math.max(0, (d * u + e * v + f) / depth - 0.5));
      const left = px | 0;
      const top = py | 0;
      const right = left + 1 < columns ? 4 : 0;
      const below = top + 1 < rows ? columns * 4 : 0;
      const fx = px - left;
      const fy = py - top;
      const at = (top * columns + left) * 4;
      for (let channel = 0; channel < 4; channel += 1) {
        const one = at + channel;
        const upper = from[one] + (from[one + right] - from[one]) * fx;
        const lower = from[one + below] + (from[one + below + right] - from[one + below]) * fx;
        to[place + channel] = upper + (lower - upper) * fy;
      }
      place += 4;
    }
  }
  return { data: to, width, height };
}

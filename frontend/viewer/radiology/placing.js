// Marks by keyboard: a cross in the pane goes by the arrow keys, Enter sets a point, Escape gives up. To move a mark its points are gone
// through one after the other.
import { h } from '../../room/dom.js';

const NEEDED = { length: 2, angle: 3, ellipse: 2, rectangle: 2, arrow: 2 };
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const FAR = 20;

// The points of a kind out of those that were set, on the pane (pixels): two corners make an ellipse or a rectangle.
export function pointsOf(kind, set) {
  if (kind !== 'ellipse' && kind !== 'rectangle') return set;
  const [[x, y], [x2, y2]] = set;
  const [left, right, top, bottom] = [Math.min(x, x2), Math.max(x, x2), Math.min(y, y2), Math.max(y, y2)];
  const [middle, height] = [(left + right) / 2, (top + bottom) / 2];
  if (kind === 'ellipse') return [[middle, bottom], [middle, top], [left, height], [right, height]];
  return [[left, bottom], [right, bottom], [left, top], [right, top]];
}

// The points that are set by hand, out of those of a mark that is there.
export function handlesOf(kind, points) {
  if (kind === 'rectangle') return [points[0], points[3]];
  if (kind === 'ellipse') return [[points[2][0], points[1][1]], [points[3][0], points[0][1]]];
  return points;
}

export class Placing {
  // `done(points)` gets places in the pane; `began` are those of a mark that is moved.
  constructor(pane, kind, { say, done, ended, began = null }) {
    Object.assign(this, { pane, kind, say, done, ended });
    const { clientWidth: width, clientHeight: height } = pane.parts.picture;
    this.began = began && handlesOf(kind, began);
    this.place = this.began ? [...this.began[0]] : [width / 2, height / 2];
    this.set = [];
    this.cross = h('div', { class: 'pane-cross', 'aria-hidden': 'true' });
    this.words = h('p', { class: 'pane-placing', role: 'status' });
    this.dots = [];
    pane.element.append(this.cross, this.words);
    this.onKey = (event) => this.key(event);
    pane.element.addEventListener('keydown', this.onKey, true);
    this.draw();
  }

  key(event) {
    const arrow = ARROWS[event.key];
    if (!arrow && !['Enter', 'Escape'].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Escape') this.end();
    else if (event.key === 'Enter') this.take();
    else this.move(arrow, event.shiftKey ? FAR : event.ctrlKey ? 0.25 : 2);
  }

  move([x, y], by) {
    const { clientWidth: width, clientHeight: height } = this.pane.parts.picture;
    this.place = [Math.max(0, Math.min(width, this.place[0] + x * by)), Math.max(0, Math.min(height, this.place[1] + y * by))];
    this.draw();
  }

  take() {
    this.set.push([...this.place]);
    const dot = h('div', { class: 'pane-dot', 'aria-hidden': 'true' });
    dot.style.left = `${this.place[0]}px`;
    dot.style.top = `${this.place[1]}px`;
    this.dots.push(dot);
    this.pane.element.append(dot);
    if (this.set.length < NEEDED[this.kind]) {
      if (this.began) this.place = [...this.began[this.set.length]];
      this.draw();
      return;
    }
    const points = pointsOf(this.kind, this.set);
    this.end();
    this.done(points);
  }

  draw() {
    this.cross.style.left = `${this.place[0]}px`;
    this.cross.style.top = `${this.place[1]}px`;
    this.words.textContent = this.say('placing.point', { n: this.set.length + 1, of: NEEDED[this.kind] });
  }

  end() {
    this.pane.element.removeEventListener('keydown', this.onKey, true);
    for (const one of [this.cross, this.words, ...this.dots]) one.remove();
    this.ended();
  }
}

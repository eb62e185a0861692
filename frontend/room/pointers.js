// The presenter's pointer as a named dot over the picture; places are shares of the picture, whatever the size of the window.
import { pictureBox } from '../lib/picture.js';
import { h } from './dom.js';

const STAYS = 4000;

function boxOf(image) {
  const box = image.getBoundingClientRect();
  return { outer: box, inner: pictureBox(box.width, box.height, image.naturalWidth, image.naturalHeight) };
}

export function shareOf(image, event) {
  const { outer, inner } = boxOf(image);
  const x = (event.clientX - outer.left - inner.left) / inner.width;
  const y = (event.clientY - outer.top - inner.top) / inner.height;
  return x < 0 || x > 1 || y < 0 || y > 1 ? null : { x: Math.round(x * 1e4) / 1e4, y: Math.round(y * 1e4) / 1e4 };
}

export class Pointers {
  constructor() {
    this.dots = new Map();
  }

  clear() {
    for (const id of [...this.dots.keys()]) this.remove(id);
  }

  remove(id) {
    const known = this.dots.get(id);
    if (!known) return;
    clearTimeout(known.timer);
    known.dot.remove();
    this.dots.delete(id);
  }

  show(viewer, actor, { x, y }) {
    this.remove(actor.id);
    if (x === null || y === null || x === undefined || !viewer) return;
    const layer = viewer.element.querySelector('[data-pointers]');
    const { outer, inner } = boxOf(viewer.image);
    const frame = layer.getBoundingClientRect();
    const dot = h('span', { class: 'pointer' }, h('span', {}, actor.name));
    dot.style.left = `${outer.left - frame.left + inner.left + x * inner.width}px`;
    dot.style.top = `${outer.top - frame.top + inner.top + y * inner.height}px`;
    layer.append(dot);
    this.dots.set(actor.id, { dot, timer: setTimeout(() => this.remove(actor.id), STAYS) });
  }
}

// The presenter's pointer as a named dot over the picture; places are shares of the picture, whatever the size of the window.
import { h } from './dom.js';

const STAYS = 4000;

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

  // `pane` shows the picture that is pointed at, by whatever engine.
  show(pane, actor, { x, y }) {
    this.remove(actor.id);
    const place = x === null || y === null || x === undefined || !pane ? null : pane.placeOf({ x, y });
    if (!place) return;
    const dot = h('span', { class: 'pointer' }, h('span', {}, actor.name));
    dot.style.left = `${place.x}px`;
    dot.style.top = `${place.y}px`;
    pane.parts.pointers.append(dot);
    this.dots.set(actor.id, { dot, timer: setTimeout(() => this.remove(actor.id), STAYS) });
  }
}

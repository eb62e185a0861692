// One, two or four panes side by side; one of them is the one that keys and buttons mean.
import { h } from '../room/dom.js';

export const COUNTS = [1, 2, 4];

export class Layout {
  // `made(box, place)` and `gone(place)` hear of panes that come and go, `chosen(place)` of another one that is meant.
  constructor(root, { made, gone, chosen, label }) {
    Object.assign(this, { root, made, gone, chosen, label });
    this.boxes = [];
    this.active = 0;
    root.addEventListener('pointerdown', (event) => this.take(event), true);
    root.addEventListener('focusin', (event) => this.take(event));
  }

  take(event) {
    const box = event.target.closest('[data-pane]');
    if (box && this.root.contains(box)) this.choose(Number(box.dataset.pane));
  }

  get count() {
    return this.boxes.length;
  }

  set(count) {
    if (!COUNTS.includes(count) || count === this.count) return;
    while (this.boxes.length > count) {
      this.gone(this.boxes.length - 1);
      this.boxes.pop().remove();
    }
    while (this.boxes.length < count) {
      const place = this.boxes.length;
      const box = h('div', { class: 'pane', 'data-pane': place, 'data-series-stage': true, tabindex: '0', role: 'group', 'aria-label': this.label(place + 1) });
      this.boxes.push(box);
      this.root.append(box);
      this.made(box, place);
    }
    this.root.dataset.count = String(count);
    this.choose(Math.min(this.active, count - 1), true);
  }

  choose(place, anyway = false) {
    if (place === this.active && !anyway) return;
    this.active = place;
    this.boxes.forEach((box, at) => box.classList.toggle('is-active', at === place && this.count > 1));
    this.chosen(place);
  }

  next() {
    this.choose((this.active + 1) % this.count);
    this.boxes[this.active].focus({ preventScroll: true });
  }
}

// Pictures drawn by the server, one by one: the same interface as the other engines, for any browser and a poor line.
import { viewerOf } from '../../behaviours/series-viewer.js';
import { pictureBox } from '../../lib/picture.js';
import { find, setText } from '../../room/dom.js';

export class StillsPane {
  static engine = 'stills';

  constructor(element, { say, onChange, onPointer }) {
    Object.assign(this, { element, say, onChange, onPointer });
    this.viewer = null;
    this.onMoved = () => { this.draw(); this.onChange(this.capture()); };
    element.addEventListener('series-moved', this.onMoved);
  }

  async open(source, state = null) {
    this.source = source;
    const series = find('[data-series-pattern]').content.firstElementChild.cloneNode(true);
    const { frames, presets, marks, keys } = source;
    series.querySelector('script').textContent = JSON.stringify({ frames, presets, marks, keys, start: 0 });
    setText(series.querySelector('.series-title'), source.title);
    series.querySelector('[data-series-slider]').max = String(frames.length || 1);
    this.element.replaceChildren(series);
    this.element.removeAttribute('data-series-stage');
    this.element.tabIndex = -1;
    const stage = series.querySelector('[data-series-stage]');
    stage.addEventListener('mousemove', (event) => this.onPointer && this.onPointer(this.pointAt(event)));
    stage.addEventListener('mouseleave', () => this.onPointer && this.onPointer(null));
    this.viewer = viewerOf(series);
    if (state) this.apply(state);
    else this.draw();
  }

  get parts() {
    return { pointers: this.element.querySelector('[data-pointers]'), picture: this.viewer && this.viewer.image };
  }

  capture() {
    if (!this.viewer) return null;
    const { index, preset } = this.viewer;
    return { series: this.source.id, index, center: preset ? preset.center : null, width: preset ? preset.width : null };
  }

  apply({ index, center, width }) {
    const { viewer } = this;
    if (center !== undefined) viewer.preset = this.presetOf(center, width);
    if (index !== undefined) viewer.show(index);
    viewer.draw();
    this.draw();
  }

  presetOf(center, width) {
    if (center === null || width === null) return null;
    return this.viewer.presets.find((one) => one.center === center && one.width === width) || { center, width };
  }

  draw() {
    this.drawn = { index: this.viewer.index, window: this.viewer.preset };
    this.element.dispatchEvent(new CustomEvent('pane-drawn', { bubbles: true }));
  }

  can(command) {
    return ['step', 'preset'].includes(command) && Boolean(this.viewer);
  }

  run(command, value) {
    if (command === 'step') this.viewer.move(this.viewer.index + value);
    if (command !== 'window') return;
    this.viewer.preset = value ? this.presetOf(value.center, value.width) : null;
    this.viewer.draw();
    this.onMoved();
  }

  box() {
    const { image } = this.viewer;
    const outer = image.getBoundingClientRect();
    return { outer, inner: pictureBox(outer.width, outer.height, image.naturalWidth, image.naturalHeight) };
  }

  pointAt(event) {
    const { outer, inner } = this.box();
    const x = (event.clientX - outer.left - inner.left) / inner.width;
    const y = (event.clientY - outer.top - inner.top) / inner.height;
    return x < 0 || x > 1 || y < 0 || y > 1 ? null : { x: Math.round(x * 1e4) / 1e4, y: Math.round(y * 1e4) / 1e4 };
  }

  placeOf({ x, y }) {
    const { outer, inner } = this.box();
    const frame = this.parts.pointers.getBoundingClientRect();
    return { x: outer.left - frame.left + inner.left + x * inner.width, y: outer.top - frame.top + inner.top + y * inner.height };
  }

  showMarks() {}

  focus() {
    if (this.viewer) this.element.querySelector('[data-series-stage]').focus({ preventScroll: true });
  }

  destroy() {
    this.element.removeEventListener('series-moved', this.onMoved);
    this.element.setAttribute('data-series-stage', '');
    this.element.tabIndex = 0;
    this.element.replaceChildren();
  }
}


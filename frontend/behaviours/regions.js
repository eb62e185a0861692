// [data-regions]: rectangles drawn over a picture (components/regions.html), by mouse, finger or keys. data-regions-width and
// -height are the picture's own pixels (else those of the file), data-regions-most how many there may be. The field
// [data-regions-value] holds them as [[x, y, width, height]].
import { layOver } from '../lib/picture.js';
import { between, fromText, inTheMiddle, keyed, moved, pointAt, stretched, toText } from '../lib/regions.js';
import { word } from '../lib/words.js';

const CORNERS = ['nw', 'ne', 'sw', 'se'];
// What is smaller on the screen was a click.
const LEAST_ON_SCREEN = 4;

class RegionEditor {
  constructor(element) {
    this.element = element;
    this.image = element.querySelector('[data-regions-image]');
    this.layer = element.querySelector('[data-regions-layer]');
    this.field = element.querySelector('[data-regions-value]');
    this.status = element.querySelector('[data-regions-status]');
    this.buttons = Object.fromEntries(['add', 'remove', 'clear'].map((name) => [name, element.querySelector(`[data-regions-${name}]`)]));
    this.most = Number(element.dataset.regionsMost);
    this.regions = fromText(this.field.value);
    this.chosen = -1;
    this.drag = null;
  }

  get size() {
    const { regionsWidth, regionsHeight } = this.element.dataset;
    return { width: Number(regionsWidth) || this.image.naturalWidth, height: Number(regionsHeight) || this.image.naturalHeight };
  }

  listen() {
    const { layer, buttons } = this;
    // Also from beside the picture: a name stands at its very edge.
    layer.parentElement.addEventListener('pointerdown', (event) => this.onDown(event));
    layer.addEventListener('pointermove', (event) => this.onMove(event));
    layer.addEventListener('pointerup', (event) => this.onUp(event));
    layer.addEventListener('pointercancel', () => this.giveUp());
    layer.addEventListener('keydown', (event) => this.onKey(event));
    layer.addEventListener('focusin', (event) => this.choose(this.placeOf(event.target)));
    buttons.add.addEventListener('click', () => this.add(inTheMiddle(this.size)));
    buttons.remove.addEventListener('click', () => this.remove(this.chosen));
    buttons.clear.addEventListener('click', () => this.set([]));
    this.image.addEventListener('load', () => this.draw());
    new ResizeObserver(() => layOver(layer, this.image)).observe(this.image);
    this.draw();
  }

  // From outside: another picture, or rectangles that are known already.
  set(regions) {
    this.regions = regions.slice(0, this.most);
    this.chosen = -1;
    this.tell();
  }

  placeOf(target) {
    const region = target.closest('[data-region]');
    return region ? Number(region.dataset.region) : -1;
  }

  add(region) {
    if (!this.size.width || this.regions.length >= this.most) return;
    this.regions = [...this.regions, region];
    this.chosen = this.regions.length - 1;
    this.tell();
    this.layer.children[this.chosen].focus({ preventScroll: true });
  }

  remove(place) {
    if (!(place in this.regions)) return;
    this.regions = this.regions.filter((_, other) => other !== place);
    this.chosen = Math.min(place, this.regions.length - 1);
    this.tell();
    (this.layer.children[this.chosen] || this.buttons.add).focus({ preventScroll: true });
  }

  replace(place, region) {
    this.regions = this.regions.map((one, other) => (other === place ? region : one));
    this.tell();
  }

  choose(place) {
    this.chosen = place;
    this.mark();
  }

  onDown(event) {
    if (!event.isPrimary || event.button !== 0 || !this.size.width) return;
    const place = this.placeOf(event.target);
    const edges = event.target.dataset.corner || '';
    const from = this.pointOf(event);
    this.layer.setPointerCapture(event.pointerId);
    this.drag = { place, edges, from, at: [event.clientX, event.clientY], region: this.regions[place] };
    if (place < 0) event.preventDefault();
    else this.layer.children[place].focus({ preventScroll: true });
  }

  pointOf(event) {
    return pointAt(this.layer.getBoundingClientRect(), this.size, event.clientX, event.clientY);
  }

  onMove(event) {
    if (!this.drag || !event.isPrimary) return;
    const { place, edges, from, region } = this.drag;
    const to = this.pointOf(event);
    if (place < 0) {
      this.sketch(this.isClick(event) ? null : between(from, to, this.size));
      return;
    }
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    this.replace(place, edges ? stretched(region, edges, dx, dy, this.size) : moved(region, dx, dy, this.size));
  }

  isClick(event) {
    const [x, y] = this.drag.at;
    return Math.abs(event.clientX - x) < LEAST_ON_SCREEN || Math.abs(event.clientY - y) < LEAST_ON_SCREEN;
  }

  onUp(event) {
    if (!this.drag || !event.isPrimary) return;
    const { place, from } = this.drag;
    const drawn = place < 0 && !this.isClick(event) ? between(from, this.pointOf(event), this.size) : null;
    this.giveUp();
    if (drawn) this.add(drawn);
  }

  giveUp() {
    this.drag = null;
    this.sketch(null);
  }

  onKey(event) {
    const place = this.placeOf(event.target);
    if (place < 0 || event.altKey || event.metaKey) return;
    if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      this.remove(place);
      return;
    }
    const region = keyed(this.regions[place], event, this.size);
    if (!region) return;
    event.preventDefault();
    this.replace(place, region);
  }

  tell() {
    this.field.value = toText(this.regions);
    this.draw();
  }

  draw() {
    const { layer, regions } = this;
    while (layer.children.length > regions.length) layer.lastElementChild.remove();
    regions.forEach((region, place) => this.fit(layer.children[place] || layer.appendChild(this.made(place)), region, place));
    layOver(layer, this.image);
    this.mark();
  }

  made(place) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'region';
    button.dataset.region = place;
    button.setAttribute('aria-describedby', this.element.dataset.regionsKeys);
    for (const corner of CORNERS) {
      const handle = document.createElement('span');
      handle.dataset.corner = corner;
      button.append(handle);
    }
    return button;
  }

  fit(element, region, place) {
    const { width, height } = this.size;
    if (!width || !height) return;
    const { x, y } = region;
    element.style.left = `${(x / width) * 100}%`;
    element.style.top = `${(y / height) * 100}%`;
    element.style.width = `${(region.width / width) * 100}%`;
    element.style.height = `${(region.height / height) * 100}%`;
    element.setAttribute('aria-label', word('regions.one', { n: place + 1, x, y, width: region.width, height: region.height }));
  }

  // What is being drawn and is no region yet.
  sketch(region) {
    let mark = this.element.querySelector('[data-regions-sketch]');
    if (mark) mark.hidden = !region;
    if (!region) return;
    if (!mark) {
      mark = document.createElement('span');
      mark.className = 'region-sketch';
      mark.dataset.regionsSketch = '';
      this.layer.after(mark);
    }
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = this.layer;
    const { width, height } = this.size;
    mark.style.left = `${offsetLeft + (region.x / width) * offsetWidth}px`;
    mark.style.top = `${offsetTop + (region.y / height) * offsetHeight}px`;
    mark.style.width = `${(region.width / width) * offsetWidth}px`;
    mark.style.height = `${(region.height / height) * offsetHeight}px`;
    mark.hidden = false;
  }

  mark() {
    const { buttons, regions, chosen } = this;
    [...this.layer.children].forEach((element, place) => element.classList.toggle('is-chosen', place === chosen));
    buttons.add.disabled = regions.length >= this.most;
    buttons.remove.disabled = !(chosen in regions);
    buttons.clear.disabled = !regions.length;
    this.status.textContent = this.statusWords();
  }

  statusWords() {
    const count = this.regions.length;
    if (!count) return word('regions.none');
    return word(count < this.most ? 'regions.count' : 'regions.most', { n: count });
  }
}

// The editor of an element, made on first use.
export function regionsOf(element) {
  if (!element.regionEditor) {
    element.regionEditor = new RegionEditor(element);
    element.regionEditor.listen();
  }
  return element.regionEditor;
}

export function start(root) {
  for (const element of root.querySelectorAll('[data-regions]')) regionsOf(element);
}

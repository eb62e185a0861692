// [data-series]: pages through drawn images by wheel, keys or slider (components/viewer.html). Its JSON script element holds
// {frames: [url], presets: [{label, center, width}], marks: {top, right, bottom, left, without}}. Event 'series-moved' {index, preset}; `show(index)` moves it from outside.
import { layOver } from '../lib/picture.js';
import { STEPS, clamp, lettersAt, neighbours, windowed } from '../lib/series.js';
import { word } from '../lib/words.js';
import { whyThinHere } from '../viewer/quality.js';
import { Filling } from '../viewer/stills/filling.js';

const KEPT = 24;
const WHEEL_STEP = 40;

export class SeriesViewer {
  constructor(element) {
    const data = JSON.parse(element.querySelector('script[type="application/json"]').textContent);
    this.element = element;
    this.frames = data.frames || [];
    this.presets = data.presets || [];
    this.marks = data.marks || null;
    this.keys = data.keys || [];
    this.thin = Boolean(whyThinHere());
    this.filled = null;
    this.filling = new Filling({ fetchOne, shown: () => this.shown() });
    this.layer = element.querySelector('[data-series-marks]');
    this.image = element.querySelector('[data-series-image]');
    this.slider = element.querySelector('[data-series-slider]');
    this.position = element.querySelector('[data-series-position]');
    this.index = clamp(Number(data.start || 0), this.frames.length);
    this.preset = null;
    this.direction = 1;
    this.loaded = new Map();
    this.wheel = 0;
  }

  listen() {
    const stage = this.element.querySelector('[data-series-stage]');
    stage.addEventListener('wheel', (event) => this.onWheel(event), { passive: false });
    // Also from a button of the bar: who has chosen a window goes on paging.
    this.element.addEventListener('keydown', (event) => this.onKey(event));
    if (this.slider) this.slider.addEventListener('input', () => this.move(Number(this.slider.value) - 1));
    for (const button of this.element.querySelectorAll('[data-series-step]')) {
      button.addEventListener('click', () => this.move(this.index + Number(button.dataset.seriesStep)));
    }
    for (const button of this.element.querySelectorAll('[data-series-preset]')) {
      button.addEventListener('click', () => this.choose(button));
    }
    this.image.addEventListener('load', () => {
      this.element.classList.remove('is-loading', 'is-broken');
      this.placeMarks();
    });
    // The letters need a margin around the picture, of one width for the whole series.
    this.element.classList.toggle('has-marks', Boolean(this.marks && this.layer));
    if (this.marks && this.layer) new ResizeObserver(() => this.placeMarks()).observe(stage);
    this.image.addEventListener('error', () => this.element.classList.add('is-broken'));
    this.draw();
  }

  onWheel(event) {
    if (event.ctrlKey) return;
    event.preventDefault();
    // A touch pad sends many small turns; a mouse one big one.
    this.wheel += event.deltaMode === 0 ? event.deltaY : event.deltaY * WHEEL_STEP;
    const steps = Math.trunc(this.wheel / WHEEL_STEP);
    if (!steps) return;
    this.wheel = Math.abs(event.deltaY) >= 100 ? 0 : this.wheel - steps * WHEEL_STEP;
    this.move(this.index + (Math.abs(event.deltaY) >= 100 ? Math.sign(steps) : steps));
  }

  onKey(event) {
    if (!(event.key in STEPS) || event.altKey || event.ctrlKey || event.target === this.slider) return;
    event.preventDefault();
    this.move(this.index + STEPS[event.key]);
  }

  // Moved by the reader: others may follow.
  move(index) {
    const before = this.index;
    this.show(index);
    if (before !== this.index) this.tell();
  }

  show(index) {
    const next = clamp(index, this.frames.length);
    if (next === this.index) return;
    this.direction = next > this.index ? 1 : -1;
    this.index = next;
    this.draw();
  }

  choose(button) {
    this.preset = this.presets[Number(button.dataset.seriesPreset)] || null;
    this.draw();
    this.tell();
  }

  tell() {
    this.element.dispatchEvent(new CustomEvent('series-moved', { bubbles: true, detail: { index: this.index, preset: this.preset } }));
  }

  draw() {
    if (!this.frames.length) return;
    const url = windowed(this.frames[this.index], this.preset);
    if (this.image.getAttribute('src') !== url) {
      this.element.classList.add('is-loading');
      this.image.src = url;
    }
    const words = word('viewer.position', { n: this.index + 1, total: this.frames.length });
    this.position.textContent = words;
    this.image.alt = words;
    if (this.slider) {
      this.slider.value = this.index + 1;
      this.slider.setAttribute('aria-valuetext', words);
    }
    for (const button of this.element.querySelectorAll('[data-series-preset]')) {
      const preset = this.presets[Number(button.dataset.seriesPreset)] || null;
      button.setAttribute('aria-pressed', String(preset === this.preset));
    }
    this.drawMarks();
    this.preload();
  }

  drawMarks() {
    if (!this.layer) return;
    const letters = lettersAt(this.marks, this.index);
    this.layer.hidden = !letters;
    if (!letters) return;
    for (const one of this.layer.children) one.textContent = letters[one.dataset.edge];
    this.placeMarks();
  }

  // Right at the edges of the picture, outside of it: never over the patient.
  placeMarks() {
    if (this.layer && !this.layer.hidden) layOver(this.layer, this.image);
  }

  // Over a thin line a few pictures of the whole series come first, and only what is looked at comes before them.
  preload() {
    if (!this.thin) {
      this.fetchAhead();
      return;
    }
    this.fill();
    this.shown().then(() => this.fetchAhead(1, 0));
  }

  fetchAhead(...reach) {
    for (const place of neighbours(this.index, this.frames.length, this.direction, ...reach)) {
      const url = windowed(this.frames[place], this.preset);
      if (this.loaded.has(url)) continue;
      const image = new Image();
      image.src = url;
      this.loaded.set(url, image);
    }
    for (const url of [...this.loaded.keys()].slice(0, Math.max(0, this.loaded.size - KEPT))) this.loaded.delete(url);
  }

  // Once for each window.
  fill() {
    const window = JSON.stringify(this.preset);
    if (this.filled === window) return;
    this.filled = window;
    this.filling.run(this.frames.map((url) => windowed(url, this.preset)), { start: this.index, keys: this.keys });
  }

  // Resolves once the picture that is looked at is there; nothing is filled for a viewer that is gone.
  shown() {
    if (!this.element.isConnected) this.filling.stop();
    if (!this.element.classList.contains('is-loading')) return Promise.resolve();
    return new Promise((resolve) => {
      for (const event of ['load', 'error']) this.image.addEventListener(event, resolve, { once: true });
    });
  }
}

// Into the browser's cache, behind whatever else it fetches.
async function fetchOne(url) {
  const response = await fetch(url, { credentials: 'same-origin', redirect: 'manual', priority: 'low' });
  await response.arrayBuffer();
}

// The viewer of an element, made on first use.
export function viewerOf(element) {
  if (!element.seriesViewer) {
    element.seriesViewer = new SeriesViewer(element);
    element.seriesViewer.listen();
  }
  return element.seriesViewer;
}

export function start(root) {
  for (const element of root.querySelectorAll('[data-series]')) viewerOf(element);
}

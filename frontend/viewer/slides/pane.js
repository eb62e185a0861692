// One slide by OpenSeadragon; the interface of every pane (frontend/README.md, "Viewer").
import OpenSeadragon from 'openseadragon';
import { paneFrame, showNote } from '../frame.js';
import { same } from '../state.js';
import {
  cameraOf, captureSlide, lengthText, magnificationOf, scaleBar, scaleOf, shownMagnification, stepOf, zoomAt, zoomOf,
} from './camera.js';
import { drawMarks } from './marks.js';
import { RegionTool } from './regions.js';

const LARGER = 1.5;
const QUARTER = 90;
const LITTLE = 15;
const STEP = 0.15;
const MOST_ZOOM = 2;
// Asked again while the finer levels are still being drawn.
const UNFINISHED_MS = 8000;
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const COMMANDS = new Set(['zoom-in', 'zoom-out', 'turn-left', 'turn-right', 'reset', 'move', 'step', 'window', 'turn']);

// The library adds a style sheet to the page unless it is there, which the content security policy forbids; viewer.css has what it says.
function withoutOwnStyles() {
  const mark = 'data-openseadragon-mobile-css';
  if (document.querySelector(`style[${mark}]`)) return;
  const there = document.createElementNS('urn:mdt:nothing', 'style');
  there.setAttribute(mark, '');
  document.head.append(there);
}

export class SlidePane {
  static engine = 'slides';

  constructor(element, { say, onChange, onPointer, marking = null }) {
    Object.assign(this, { element, say, onChange, onPointer });
    this.parts = paneFrame(element);
    this.parts.scale.classList.add('is-across');
    this.parts.shapes = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    this.parts.shapes.setAttribute('class', 'pane-shapes');
    this.parts.picture.after(this.parts.shapes);
    this.marks = [];
    this.touched = false;
    element.classList.add('is-slide');
    this.viewer = this.started();
    this.listen();
    this.regions = marking && new RegionTool(this, marking, say);
    this.draft = null;
  }

  started() {
    withoutOwnStyles();
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    return new OpenSeadragon.Viewer({
      element: this.parts.picture,
      // Works everywhere alike; a slide is a few dozen pictures on the screen.
      drawer: 'canvas',
      showNavigationControl: false,
      keyboardNavEnabled: false,
      showNavigator: true,
      navigatorPosition: 'TOP_RIGHT',
      navigatorSizeRatio: 0.17,
      navigatorAutoFade: false,
      navigatorBackground: '#fff',
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
      gestureSettingsTouch: { pinchRotate: false },
      animationTime: still ? 0 : 0.5,
      springStiffness: 9,
      maxZoomPixelRatio: MOST_ZOOM,
      minZoomImageRatio: 0.6,
      visibilityRatio: 0.3,
      zoomPerScroll: 1.25,
      imageLoaderLimit: 6,
      maxImageCacheCount: 400,
      placeholderFillStyle: '#fff',
    });
  }

  listen() {
    const { viewer } = this;
    for (const name of ['canvas-drag', 'canvas-scroll', 'canvas-pinch', 'canvas-double-click', 'navigator-click', 'navigator-drag']) {
      viewer.addHandler(name, () => { this.touched = true; });
    }
    viewer.addHandler('animation', () => this.moved());
    viewer.addHandler('animation-finish', () => this.moved());
    viewer.addHandler('rotate', () => this.moved());
    viewer.addHandler('resize', () => this.resized());
    viewer.addHandler('tile-load-failed', () => this.failed());
    viewer.addHandler('tile-loaded', () => { this.parts.note.hidden = true; });
    this.parts.picture.addEventListener('mousemove', (event) => this.onPointer && this.onPointer(this.pointAt(event)));
    this.parts.picture.addEventListener('mouseleave', () => this.onPointer && this.onPointer(null));
  }

  async open(source, state = null) {
    this.source = source;
    this.camera = null;
    this.touched = false;
    showNote(this.parts.note, this.say('slide.opening'));
    await new Promise((resolve, reject) => {
      this.viewer.addOnceHandler('open', resolve);
      this.viewer.addOnceHandler('open-failed', () => reject(new Error('slide')));
      this.viewer.open(this.tiles(source));
    });
    if (this.source !== source || this.gone) return;
    this.parts.note.hidden = true;
    if (state && cameraOf(state)) this.apply(state);
    else this.home(true);
    this.camera = this.look(false);
    this.draw();
    this.waitForMore();
  }

  tiles(source) {
    const address = (level, x, y) => source.tiles.replace('{level}', level).replace('{x}', x).replace('{y}', y);
    const made = new OpenSeadragon.TileSource({
      width: source.width, height: source.height, tileSize: source.tile, tileOverlap: source.overlap, minLevel: 0, maxLevel: source.top, getTileUrl: address,
    });
    const within = made.tileExists.bind(made);
    // A level that is not wholly drawn yet is shown by the coarser one.
    made.tileExists = (level, x, y) => level <= this.source.level && within(level, x, y);
    return made;
  }

  waitForMore() {
    const { source } = this;
    clearTimeout(this.waiting);
    if (source.level >= source.top) return;
    this.waiting = setTimeout(async () => {
      const now = await this.again(source);
      if (this.gone || this.source !== source) return;
      if (now && now.level > source.level) {
        Object.assign(source, { level: now.level, percent: now.percent, state: now.state });
        this.viewer.world.getItemAt(0).reset();
        this.draw();
      } else if (now) source.percent = now.percent;
      this.waitForMore();
    }, UNFINISHED_MS);
  }

  async again(source) {
    try {
      const answer = await fetch(source.address, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  get ready() {
    return Boolean(this.source && !this.gone && this.viewer.world.getItemCount());
  }

  get height() {
    return this.parts.picture.clientHeight || 1;
  }

  // Where the view stands, or goes to (`now` false: where an animation ends).
  look(now = true) {
    const { viewport } = this.viewer;
    const middle = viewport.viewportToImageCoordinates(viewport.getCenter(now));
    return { x: middle.x, y: middle.y, scale: scaleOf(viewport.viewportToImageZoom(viewport.getZoom(now)), this.height), rotation: viewport.getRotation(now) };
  }

  capture() {
    return this.ready ? captureSlide(this.source.id, this.look()) : null;
  }

  // Goes there at once; nobody is told of it.
  apply(state) {
    const camera = cameraOf(state);
    if (!camera || !this.ready) return;
    this.touched = false;
    this.go(camera, true);
    this.told = this.capture();
    this.draw();
  }

  go({ x, y, scale, rotation }, immediately = false) {
    const { viewport } = this.viewer;
    viewport.setRotation(rotation, immediately);
    viewport.zoomTo(viewport.imageToViewportZoom(zoomOf(scale, this.height)), null, immediately);
    viewport.panTo(viewport.imageToViewportCoordinates(x, y), immediately);
    this.camera = { x, y, scale, rotation };
  }

  home(immediately = false) {
    const { viewport } = this.viewer;
    viewport.setRotation(0, immediately);
    viewport.goHome(immediately);
  }

  moved() {
    if (!this.ready || this.resizing) return;
    this.camera = this.look(false);
    this.draw();
    const state = this.capture();
    if (!this.touched || same(state, this.told)) return;
    this.told = state;
    this.onChange(state);
  }

  // The same middle, as much of the slide from top to bottom.
  resized() {
    if (this.resizing) return;
    this.resizing = true;
    // By then the library has made what it thinks best of the new size.
    requestAnimationFrame(() => {
      this.resizing = false;
      if (this.ready && this.camera) this.go(this.camera, true);
      this.draw();
    });
  }

  failed() {
    if (!this.ready) return;
    showNote(this.parts.note, this.say('slide.failed'), { label: this.say('viewer.again'), act: () => this.retry() });
  }

  retry() {
    this.parts.note.hidden = true;
    this.viewer.world.getItemAt(0).reset();
    this.viewer.forceRedraw();
  }

  can(command) {
    return (COMMANDS.has(command) || (command === 'tool-rectangle' && Boolean(this.regions))) && this.ready;
  }

  run(command, value) {
    if (!this.ready) return;
    this.touched = true;
    const { viewport } = this.viewer;
    const acts = {
      'zoom-in': () => viewport.zoomBy(LARGER),
      'zoom-out': () => viewport.zoomBy(1 / LARGER),
      'turn-left': () => viewport.setRotation(viewport.getRotation() - QUARTER),
      'turn-right': () => viewport.setRotation(viewport.getRotation() + QUARTER),
      turn: () => viewport.setRotation(viewport.getRotation() + LITTLE * value),
      reset: () => this.home(),
      move: () => this.move(value),
      step: () => this.move([0, Math.max(-1, Math.min(1, value))]),
      window: () => this.magnify(value),
    };
    acts[command]();
    viewport.applyConstraints();
    this.moved();
  }

  move([across, down]) {
    const { viewport } = this.viewer;
    const { width, height } = viewport.getBoundsNoRotate(true);
    const by = new OpenSeadragon.Point(across * STEP * width, down * STEP * height);
    viewport.panBy(by.rotate(-viewport.getRotation()));
  }

  // A step of the microscope; without one the whole slide.
  magnify(wanted) {
    const { viewport } = this.viewer;
    if (!wanted) viewport.goHome();
    else viewport.zoomTo(viewport.imageToViewportZoom(zoomAt(wanted.magnification, this.source.objective)));
  }

  // Keys of this pane: the light box asks here before its own.
  static commandOf({ key, ctrlKey, shiftKey, altKey, metaKey }) {
    if (altKey || metaKey || ctrlKey) return null;
    if (key in ARROWS) return { command: 'move', value: ARROWS[key] };
    if (shiftKey && key === '<') return { command: 'turn', value: -1 };
    if (shiftKey && key === '>') return { command: 'turn', value: 1 };
    if (key === 'PageUp' || key === 'PageDown') return { command: 'move', value: [0, key === 'PageUp' ? -5 : 5] };
    if (key === 'Home') return { command: 'reset' };
    return null;
  }

  // Whether a key chooses a magnification: 1 to 5.
  keyWindow({ key, ctrlKey, altKey, metaKey }) {
    const step = this.source && this.source.magnifications[Number(key) - 1];
    return step && !ctrlKey && !altKey && !metaKey ? { magnification: step } : null;
  }

  get zoom() {
    const { viewport } = this.viewer;
    return viewport.viewportToImageZoom(viewport.getZoom(true));
  }

  draw() {
    if (!this.ready) return;
    const { source, parts, zoom } = this;
    const magnification = magnificationOf(zoom, source.objective);
    const turned = Math.round(this.look().rotation);
    const steps = source.magnifications;
    const step = magnification ? stepOf(steps, magnification) : -1;
    const whole = Math.abs(this.viewer.viewport.getZoom(true) / this.viewer.viewport.getHomeZoom() - 1) < 0.01;
    parts.title.textContent = source.title;
    parts.technique.textContent = source.level < source.top ? this.say('slide.unfinished', { percent: source.percent }) : '';
    parts.window.textContent = [magnification ? `${shownMagnification(magnification)}×` : `${Math.round(zoom * 100)} %`, turned ? `${turned}°` : ''].filter(Boolean).join(' · ');
    this.drawScale(zoom);
    // As in every pane: what the bar of tools marks as chosen.
    this.drawn = { window: whole ? null : { magnification }, preset: step };
    this.drawShapes();
    this.element.dispatchEvent(new CustomEvent('pane-drawn', { bubbles: true }));
  }

  drawShapes() {
    const drawn = this.draft ? [...this.marks, { points: this.draft }] : this.marks;
    drawMarks(this.parts.shapes, drawn, (point) => this.placeOfPixel(point));
  }

  // A region that is being marked; nothing once it is kept or given up.
  drawDraft(points) {
    this.draft = points;
    this.drawShapes();
  }

  drawScale(zoom) {
    const bar = scaleBar(this.source.mpp, zoom);
    this.parts.scale.hidden = !bar;
    if (!bar) return;
    this.parts.scale.style.width = `${bar.px}px`;
    this.parts.scale.firstElementChild.textContent = lengthText(bar.um);
  }

  // Shares of the slide, or nothing beside it.
  pointAt(event) {
    if (!this.ready) return null;
    const frame = this.parts.picture.getBoundingClientRect();
    const point = this.viewer.viewport.viewerElementToImageCoordinates(new OpenSeadragon.Point(event.clientX - frame.left, event.clientY - frame.top));
    const [x, y] = [point.x / this.source.width, point.y / this.source.height];
    return x < 0 || x > 1 || y < 0 || y > 1 ? null : { x: Math.round(x * 1e5) / 1e5, y: Math.round(y * 1e5) / 1e5 };
  }

  placeOf({ x, y }) {
    return this.placeOfPixel([x * this.source.width, y * this.source.height]);
  }

  placeOfPixel([x, y]) {
    return this.viewer.viewport.imageToViewerElementCoordinates(new OpenSeadragon.Point(x, y));
  }

  showMarks(list) {
    this.marks = list.filter((mark) => !mark.struck && this.source && mark.slide === this.source.id);
    this.draw();
  }

  focus() {
    this.element.focus({ preventScroll: true });
  }

  destroy() {
    this.gone = true;
    clearTimeout(this.waiting);
    this.element.classList.remove('is-slide');
    if (this.regions) this.regions.destroy();
    this.viewer.destroy();
    this.element.replaceChildren();
  }
}

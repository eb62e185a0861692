// One series by Cornerstone3D; the interface of every pane (frontend/README.md, "Viewer").
import { mirrored, moved, turned, zoomed } from '../camera.js';
import { paneFrame, showNote } from '../frame.js';
import { apply, capture, same } from '../state.js';
import { core, drawsByProcessor } from './cornerstone.js';
import { nextCut } from './cuts.js';
import { drawPlace, drawTexts } from './overlay.js';
import { Prefetch } from './prefetch.js';
import { headersOf, millisecondsPerFrame, placed, planeOf } from './source.js';
import { actualSize, alike, headerWindow, partOfPicture, placeOfShare, rangeOf, readCamera, readWindow, shareAt, wholePicture, writeCamera } from './view.js';

const STEP = 0.1;
const LARGER = 1.2;

let made = 0;

export class RadiologyPane {
  static engine = 'radiology';

  // `engine` and `toolbox` are the page's; `onFail` hears that a series can't be shown here at all.
  constructor(element, { say, onChange, onPointer, onFail, engine, toolbox }) {
    Object.assign(this, { element, say, onChange, onPointer, onFail, engine, toolbox });
    made += 1;
    this.id = `pane-${made}`;
    this.parts = paneFrame(element);
    this.view = null;
    this.quiet = 0;
    this.moving = null;
    this.target = null;
    this.loaded = new Set();
    engine.enableElement({ viewportId: this.id, type: core.Enums.ViewportType.STACK, element: this.parts.picture, defaultOptions: { background: [0, 0, 0] } });
    this.viewport = engine.getViewport(this.id);
    toolbox.join(this);
    this.listen();
  }

  listen() {
    const { Events } = core.Enums;
    const changed = () => this.soon();
    this.parts.picture.addEventListener(Events.STACK_NEW_IMAGE, ({ detail }) => this.onImage(detail.imageId));
    for (const name of [Events.STACK_NEW_IMAGE, Events.VOI_MODIFIED, Events.CAMERA_MODIFIED]) this.parts.picture.addEventListener(name, changed);
    this.onError = ({ detail }) => this.failed(detail.imageId);
    core.eventTarget.addEventListener(Events.IMAGE_LOAD_ERROR, this.onError);
    this.parts.picture.addEventListener('mousemove', (event) => this.onPointer && this.onPointer(this.pointAt(event)));
    this.parts.picture.addEventListener('mouseleave', () => this.onPointer && this.onPointer(null));
    this.size = new ResizeObserver(() => this.resized());
    this.size.observe(this.parts.picture);
  }

  async open(source, state = null) {
    this.source = source;
    this.view = null;
    this.stopCine();
    this.closeCut();
    if (this.prefetch) this.prefetch.stop();
    this.loaded.clear();
    this.stats = null;
    showNote(this.parts.note, this.say('viewer.opening'));
    const { pictures } = await headersOf(source.dicom);
    if (this.source !== source || this.gone) return;
    const start = { series: source.id, pictures, index: 0, window: null, invert: false, camera: null };
    const wanted = state ? apply(start, state) : start;
    await this.quietly(async () => {
      this.view = { ...start, index: wanted.index };
      this.fit = null;
      this.seen = null;
      await this.viewport.setStack(pictures.map(({ id }) => id), wanted.index);
      if (this.source !== source || this.gone || !this.viewport.getCornerstoneImage()) return;
      this.parts.note.hidden = true;
      this.reset();
      if (state) this.put(wanted);
    });
    if (this.source !== source || this.gone) return;
    if (!this.viewport.getCornerstoneImage()) throw new Error('no image');
    this.prefetch = new Prefetch(pictures.map(({ id }) => id), { where: () => this.view.index, onLoaded: (place) => this.hasLoaded(place) });
    this.prefetch.start();
    this.toolbox.opened(this);
    this.draw();
  }

  hasLoaded(place) {
    this.loaded.add(place);
    this.soon();
  }

  // The way the own changes take: nobody is told of them.
  async quietly(act) {
    this.quiet += 1;
    try {
      await act();
    } finally {
      this.quiet -= 1;
      this.told = this.capture();
    }
  }

  get picture() {
    return this.view && this.view.pictures[this.view.index];
  }

  get ready() {
    return Boolean(this.view && !this.gone && this.viewport.getCornerstoneImage());
  }

  // What is on the screen, read from it.
  look() {
    const { shown, own } = readWindow(this.viewport);
    return {
      ...this.view,
      shown,
      window: own,
      invert: Boolean(this.viewport.getProperties().invert) !== Boolean(this.viewport.initialInvert),
      camera: readCamera(this.viewport),
    };
  }

  capture() {
    return this.ready ? capture(this.look()) : null;
  }

  // Goes where a state says; of states that arrive meanwhile the last one counts.
  apply(state) {
    this.closeCut();
    this.target = state;
    if (!this.moving) this.moving = this.follow().finally(() => { this.moving = null; });
    return this.moving;
  }

  async follow() {
    while (this.target && this.view && !this.gone) {
      const state = this.target;
      this.target = null;
      await this.quietly(() => this.goTo(apply(this.ready ? this.look() : this.view, state)));
    }
    this.draw();
  }

  async goTo(wanted) {
    if (wanted.index !== this.view.index || this.viewport.getCurrentImageId() !== this.picture.id) {
      this.view.index = wanted.index;
      await this.viewport.setImageIdIndex(wanted.index);
    }
    if (this.ready) this.put(wanted);
  }

  put({ window, invert, camera }) {
    const own = Boolean(this.viewport.initialInvert);
    if (!window && readWindow(this.viewport).own) this.viewport.resetProperties();
    this.viewport.setProperties({ ...(window ? { voiRange: rangeOf(window) } : {}), invert: invert !== own });
    if (camera) this.lookFrom(camera);
    this.viewport.render();
  }

  // By the user: pages, and the others hear of it.
  async page(index) {
    const next = Math.max(0, Math.min(this.view.pictures.length - 1, index));
    if (next === this.wantedIndex) return;
    this.wantedIndex = next;
    if (this.paging) return;
    this.paging = true;
    while (this.wantedIndex !== null && this.wantedIndex !== this.view.index && !this.gone) {
      const to = this.wantedIndex;
      this.view.index = to;
      await this.viewport.setImageIdIndex(to);
    }
    this.wantedIndex = null;
    this.paging = false;
  }

  step(by) {
    const from = this.wantedIndex === null || this.wantedIndex === undefined ? this.view.index : this.wantedIndex;
    this.page(from + by);
  }

  move(change) {
    if (!this.ready) return;
    this.lookFrom(change(readCamera(this.viewport)));
    this.viewport.render();
  }

  lookFrom(camera) {
    writeCamera(this.viewport, camera, this.viewport.getCurrentImageId());
    this.seen = { camera: readCamera(this.viewport), id: this.viewport.getCurrentImageId() };
  }

  // Another picture: seen from the same place where it lies alike, else whole. Cornerstone's own way forgets what was mirrored, and without
  // a graphics card takes the window of the picture before for the header's.
  onImage(id) {
    if (!this.view || !this.seen || this.seen.id === id) return;
    this.lookFrom(alike(this.seen.id, id) ? this.seen.camera : wholePicture(this.viewport, id));
    if (drawsByProcessor() && this.drawn && !this.drawn.window && !this.viewport.getCornerstoneImage().color) {
      this.viewport.setProperties({ voiRange: rangeOf(headerWindow(this.viewport.getCornerstoneImage())) });
    }
  }

  // As far to one side of the pane as the whole picture goes: 1 to the right, -1 to the left.
  pushTo(side) {
    const { columns, spacing } = planeOf(this.picture.id);
    const { clientWidth: width, clientHeight: height } = this.parts.picture;
    this.move((camera) => {
      const free = camera.scale * (width / height) - columns * spacing[0] / 2;
      return free > 0 ? moved(camera, side * free / (camera.scale * 2), 0) : camera;
    });
  }

  reset() {
    this.viewport.resetProperties();
    this.viewport.resetCamera();
    const whole = wholePicture(this.viewport, this.picture.id);
    this.fit = whole.scale;
    this.lookFrom(whole);
    this.viewport.render();
  }

  // As a presentation state means it: the part of the picture (left, top, width and height in its pixels), window, turned, mirrored.
  showDisplay({ area, window, invert, turn, mirrored: flipped }) {
    if (!this.ready) return;
    const { id } = this.picture;
    let camera = area ? partOfPicture(this.viewport, id, area) : wholePicture(this.viewport, id);
    if (turn) camera = turned(camera, turn);
    if (flipped) camera = mirrored(camera);
    this.put({ window: window || this.look().window, invert, camera });
  }

  setWindow(window) {
    if (!this.ready) return;
    const { camera, invert } = this.look();
    this.put({ window, invert, camera });
  }

  shiftWindow(center, width) {
    const { shown } = this.ready ? this.look() : {};
    if (!shown) return;
    const by = Math.max(1, Math.round(shown.width * 0.05));
    this.setWindow({ center: shown.center + center * by, width: Math.max(1, shown.width + width * by) });
  }

  // What the bar and the keys ask for; `can` says what this engine knows.
  can(command) {
    if (!this.ready) return false;
    if (this.cut) return this.cut.can(command);
    if (command === 'reformat') return this.view.pictures.length > 1;
    if (command === 'cine' || command === 'scroll') return this.view.pictures.length > 1;
    if (command === 'tool-window' || command === 'preset') return !this.viewport.getCornerstoneImage().color;
    return true;
  }

  run(command, value) {
    if (!this.ready) return;
    if (command === 'reformat') nextCut(this);
    else if (this.cut) this.cut.run(command, value);
    else this.runOnPicture(command, value);
  }

  runOnPicture(command, value) {
    const commands = {
      step: () => this.step(value),
      'zoom-in': () => this.move((camera) => zoomed(camera, LARGER)),
      'zoom-out': () => this.move((camera) => zoomed(camera, 1 / LARGER)),
      move: () => this.move((camera) => moved(camera, value[0] * STEP, value[1] * STEP)),
      'turn-left': () => this.move((camera) => turned(camera, -90)),
      'turn-right': () => this.move((camera) => turned(camera, 90)),
      'flip-h': () => this.move((camera) => mirrored(camera)),
      'flip-v': () => this.move((camera) => mirrored(camera, true)),
      invert: () => { const now = this.look(); this.put({ ...now, invert: !now.invert }); },
      actual: () => this.move(() => actualSize(this.viewport, this.picture.id)),
      reset: () => this.reset(),
      cine: () => (this.cine ? this.stopCine() : this.startCine()),
      window: () => this.setWindow(value),
      'shift-window': () => this.shiftWindow(...value),
    };
    if (commands[command]) commands[command]();
    this.soon();
  }

  closeCut() {
    const { cut } = this;
    this.cut = null;
    return cut ? cut.close() : null;
  }

  startCine() {
    const every = Math.max(20, millisecondsPerFrame(this.picture.header));
    this.element.classList.add('is-playing');
    this.cine = setInterval(() => {
      if (!this.paging) this.page((this.view.index + 1) % this.view.pictures.length);
    }, every);
  }

  stopCine() {
    clearInterval(this.cine);
    this.cine = null;
    this.element.classList.remove('is-playing');
  }

  soon() {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      if (!this.ready) return;
      const shown = this.view.pictures.findIndex(({ id }) => id === this.viewport.getCurrentImageId());
      if (shown >= 0 && !this.paging && !this.quiet) this.view.index = shown;
      this.draw();
      if (this.quiet || this.moving) return;
      const now = this.capture();
      if (same(now, this.told)) return;
      this.told = now;
      this.onChange(now);
    });
  }

  draw() {
    if (!this.ready) return;
    if (this.cut) {
      const drawn = this.cut.draw(this.parts, this.say);
      if (drawn) this.tellDrawn({ ...this.drawn, ...drawn, shown: drawn.window });
      return;
    }
    const now = this.look();
    const shown = this.view.pictures.find(({ id }) => id === this.viewport.getCurrentImageId()) || this.picture;
    drawTexts(this.parts, {
      source: this.source, picture: shown, index: this.view.pictures.indexOf(shown), count: this.view.pictures.length, window: now.shown, say: this.say,
      zoom: now.camera && this.fit / now.camera.scale, loaded: this.loaded.size,
    });
    if (now.camera) {
      this.seen = { camera: now.camera, id: shown.id };
      drawPlace(this.parts, now.camera, placed(shown));
    }
    if (shown === this.failedPicture) return;
    if (this.failedPicture && this.viewport.getCurrentImageId() !== this.failedPicture.id) this.parts.note.hidden = true;
    this.tellDrawn({ index: this.view.pictures.indexOf(shown), window: now.window, shown: now.shown, invert: now.invert });
  }

  tellDrawn(drawn) {
    this.drawn = drawn;
    this.element.dispatchEvent(new CustomEvent('pane-drawn', { bubbles: true }));
  }

  failed(imageId) {
    const picture = this.view && this.view.pictures.find(({ id }) => id === imageId);
    if (!picture || picture !== this.picture) return;
    this.failedPicture = picture;
    const again = { label: this.say('viewer.again'), act: () => { this.failedPicture = null; this.parts.note.hidden = true; this.viewport.setImageIdIndex(this.view.index); } };
    showNote(this.parts.note, this.say('viewer.failed'), again);
  }

  resized() {
    if (this.gone) return;
    this.quietly(() => {
      // What was seen before the pane changed: read now, it would be measured by the new size.
      const before = this.ready && this.seen ? this.seen.camera : null;
      const whole = before && this.fit && Math.abs(before.scale / this.fit - 1) < 0.01;
      this.engine.resize(true, true);
      if (!before) return;
      this.fit = wholePicture(this.viewport, this.picture.id).scale;
      // A picture that was shown whole is whole again; any other keeps its scale.
      this.lookFrom({ ...before, scale: whole ? this.fit : before.scale });
      this.viewport.render();
    }).then(() => this.draw());
  }

  pointAt(event) {
    if (!this.ready) return null;
    const box = this.parts.picture.getBoundingClientRect();
    const share = shareAt(this.viewport, this.picture.id, event.clientX - box.left, event.clientY - box.top);
    const inside = share.x >= 0 && share.x <= 1 && share.y >= 0 && share.y <= 1;
    return inside ? { x: Math.round(share.x * 1e4) / 1e4, y: Math.round(share.y * 1e4) / 1e4 } : null;
  }

  placeOf(share) {
    return this.ready ? placeOfShare(this.viewport, this.picture.id, share) : null;
  }

  showMarks(list) {
    this.toolbox.showMarks(this, list);
  }

  focus() {
    this.element.focus({ preventScroll: true });
  }

  destroy() {
    this.gone = true;
    this.closeCut();
    this.stopCine();
    if (this.prefetch) this.prefetch.stop();
    this.size.disconnect();
    cancelAnimationFrame(this.frame);
    core.eventTarget.removeEventListener(core.Enums.Events.IMAGE_LOAD_ERROR, this.onError);
    this.toolbox.leave(this);
    this.engine.disableElement(this.id);
    this.element.replaceChildren();
  }
}

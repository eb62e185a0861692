// The light box: panes side by side with one bar of tools; the viewer page and the room's stage both stand on it.
import { find, h, setText } from '../room/dom.js';
import { isTyping } from '../lib/keys.js';
import { whyStillsHere, keepChoice } from './choice.js';
import { STILLS, engineFor, keyOf, keyOfSource } from './engines.js';
import { backOf, hangingOf, PLACES } from './hanging.js';
import { commandOf } from './keys.js';
import { COUNTS, Layout } from './layout.js';
import { Marks } from './marks.js';
import { Overlays } from './overlays/index.js';

const WHEEL_STEP = 40;
const NOTCH = 100;
const PATIENCE = 800;

const later = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

export class Lightbox {
  // `sourceOf(id)` gives a series or slide as the server describes it; `onState(place, state)` hears what the user changed,
  // `onPointer(place, share)` where the mouse is, `onLook()` that another pane is meant or shows something else.
  constructor(root, { say, sourceOf, onState = () => {}, onPointer = null, onLook = () => {}, onMarks = () => {} }) {
    Object.assign(this, { root, say, sourceOf, onState, onPointer, onLook });
    this.marks = new Marks({ changed: () => { this.drawMarks(); onMarks(); }, tell: (words) => this.tell(words) });
    root.lightbox = this;
    this.stills = whyStillsHere();
    this.panes = [];
    this.tool = 'window';
    this.overlays = new Overlays(this);
    this.layout = new Layout(find('[data-panes]', root), {
      made: (box, place) => { this.panes[place] = { box, pane: null, id: null, opening: Promise.resolve() }; },
      gone: (place) => this.drop(place),
      chosen: () => this.look(),
      label: (n) => say('viewer.pane', { n }),
    });
    this.layout.set(1);
    this.listen();
    this.look();
    // Chosen by nobody: it is said.
    if (['line', 'saving'].includes(this.stills)) this.tell(say('viewer.thin'));
  }

  listen() {
    const panes = find('[data-panes]', this.root);
    this.root.addEventListener('click', (event) => this.onClick(event));
    this.root.addEventListener('pane-drawn', () => this.drawBar());
    this.root.addEventListener('keydown', (event) => this.onKey(event));
    panes.addEventListener('wheel', (event) => this.onWheel(event), { passive: false });
  }

  get current() {
    return this.panes[this.layout.active];
  }

  onClick(event) {
    const button = event.target.closest('[data-command], [data-tool], [data-series-preset]');
    if (!button || button.closest('.pane')) return;
    const { command, tool } = button.dataset;
    if (tool) this.choose(tool);
    else if (command) this.command(command);
    else this.window(button.seriesWindow);
  }

  command(name) {
    const own = {
      layout: () => this.setCount(COUNTS[(COUNTS.indexOf(this.layout.count) + 1) % COUNTS.length]),
      'next-pane': () => this.layout.next(),
      'next-window': () => this.nextWindow(),
      stills: () => this.setStills(!this.stills),
      hang: () => this.hang(),
    };
    if (own[name]) own[name]();
    else if (this.current.pane) this.current.pane.run(name);
    this.drawBar();
  }

  // Mammograms of the examination in four panes, the backs together; says which view is missing.
  async hang() {
    const views = await hangingOf(this, this.marks.caseId).catch(() => null);
    if (!views || !views.some(Boolean)) {
      this.tell(this.say('hang.none'));
      return;
    }
    this.layout.set(4);
    await Promise.all(views.map(async (one, place) => {
      if (!one) return;
      const { pane } = await this.open(one.series, { place, state: { series: one.series, index: one.index, center: null, width: null }, anew: true });
      if (!pane || !pane.pushTo) return;
      pane.run('reset');
      if (one.mirrored) pane.run('flip-h');
      pane.pushTo(backOf(one.view));
    }));
    const missing = PLACES.filter((view, place) => !views[place]);
    this.tell(missing.length ? this.say('hang.missing', { views: missing.join(' ') }) : '');
    this.look();
  }

  // For panes that draw marks themselves.
  get marking() {
    return { tool: () => this.tool, can: () => this.marks.can, add: (wish) => this.marks.add(wish) };
  }

  choose(tool) {
    this.tool = tool;
    if (this.toolbox) this.toolbox.choose(tool);
    this.drawBar();
  }

  window(window) {
    if (this.current.pane) this.current.pane.run('window', window || null);
  }

  nextWindow() {
    const { source } = this.current;
    if (!source || !source.presets.length) return;
    const all = [null, ...source.presets];
    this.window(all[(this.presetNow() + 2) % all.length]);
  }

  onKey(event) {
    if (event.defaultPrevented || isTyping(event.target) || event.target.matches('input[type="range"]')) return;
    const { pane, box } = this.current;
    const fromBar = event.target.closest('[data-lightbox-bar]');
    const chosen = pane && pane.keyWindow && pane.keyWindow(event);
    const asked = chosen ? { command: 'window', value: chosen } : ((pane && pane.constructor.commandOf) || commandOf)(event);
    // Drawn pictures have keys of their own, the pane around them has not. Who has chosen a window in the bar goes on paging.
    const inside = pane && pane.constructor.engine === 'stills' ? event.target === box : box.contains(event.target);
    if (!asked || !pane || !(fromBar || inside)) return;
    event.preventDefault();
    pane.run(asked.command, asked.value);
  }

  onWheel(event) {
    const box = event.target.closest('[data-pane]');
    const { pane } = (box && this.panes[Number(box.dataset.pane)]) || {};
    if (!pane || pane.constructor.engine !== 'radiology') return;
    event.preventDefault();
    // A touch pad sends many small turns; a mouse one big one.
    const turned = event.deltaMode === 0 ? event.deltaY : event.deltaY * WHEEL_STEP;
    this.turned = (this.turned || 0) + turned;
    const steps = Math.trunc(this.turned / WHEEL_STEP);
    if (!steps) return;
    const notch = Math.abs(turned) >= NOTCH;
    this.turned = notch ? 0 : this.turned - steps * WHEEL_STEP;
    if (event.ctrlKey) pane.run(steps < 0 ? 'zoom-in' : 'zoom-out');
    else pane.run('step', notch ? Math.sign(steps) : steps);
  }

  setCount(count) {
    this.layout.set(count);
    this.look();
    if (this.current.pane) this.changed(this.layout.active, this.current.pane.capture());
  }

  // Shows a series in a pane; of two that are asked for one after the other the later one stays. What is on its way is not opened again.
  open(id, { place = this.layout.active, state = null, anew = false } = {}) {
    const slot = this.panes[place];
    if (slot.id === id && !anew) return state ? this.goTo(slot, state) : slot.opening;
    slot.id = id;
    slot.shown = null;
    slot.state = state;
    slot.opening = this.load(slot, place, id).then(() => slot);
    return slot.opening;
  }

  async load(slot, place, id) {
    const source = await this.sourceOf(id);
    if (slot.id !== id || this.panes[place] !== slot) return;
    slot.source = source;
    const here = () => slot.id === id && this.panes[place] === slot;
    const wanted = engineFor(source, { say: this.say, stills: this.stills }).catch(() => {
      this.fallBack('viewer.no_engine');
      return STILLS;
    });
    // An engine that takes its time on a poor line leaves nobody before a black pane.
    let engine = await Promise.race([wanted, later(PATIENCE)]);
    if (!here()) return;
    if (!engine) {
      await this.mount(slot, place, STILLS);
      this.look();
      engine = await wanted;
      if (!here() || engine === STILLS) return;
      const now = slot.pane.capture();
      if (!slot.state || slot.state.index !== now.index) slot.state = now;
    }
    try {
      await this.mount(slot, place, engine);
    } catch (error) {
      if (!here() || engine === STILLS) throw error;
      await this.mount(slot, place, STILLS);
      this.tell(this.say('viewer.fell_back', { title: source.title }));
    }
    this.look();
  }

  async mount(slot, place, { Pane, shared }) {
    if (shared.toolbox && shared.toolbox !== this.toolbox) {
      this.toolbox = shared.toolbox;
      this.toolbox.choose(this.tool);
      this.toolbox.marks = this.marks;
    }
    const focused = slot.box.contains(document.activeElement);
    if (!slot.pane || slot.pane.constructor !== Pane) {
      if (slot.pane) slot.pane.destroy();
      slot.pane = new Pane(slot.box, {
        say: this.say, marking: this.marking, onChange: (state) => this.changed(place, state), onPointer: this.onPointer && ((share) => this.onPointer(place, share)), ...shared,
      });
    }
    slot.shown = null;
    const { state } = slot;
    await slot.pane.open(slot.source, state);
    slot.shown = keyOfSource(slot.source);
    // Keys go on where the pane that had them was replaced.
    if (focused && document.activeElement === document.body) slot.pane.focus();
    if (slot.state !== state && slot.state) await slot.pane.apply(slot.state);
  }

  changed(place, state) {
    if (state) this.onState(place, { pane: place, panes: this.layout.count, ...state });
  }

  // Goes where somebody else is: the layout, the series, then the view itself.
  async apply({ pane: place = 0, panes = 1, ...state }) {
    if (panes !== this.layout.count) this.layout.set(panes);
    const slot = this.panes[Math.min(place, this.layout.count - 1)];
    const id = keyOf(state);
    if (slot.id !== id) return this.open(id, { place: this.panes.indexOf(slot), state });
    return this.goTo(slot, state);
  }

  // A state that comes while a series is being opened is waited for: it is where the pane begins.
  async goTo(slot, state) {
    slot.state = state;
    if (slot.shown !== keyOf(state)) await slot.opening;
    else await slot.pane.apply(state);
  }

  // Of the pane that is meant, or of each.
  capture(place = this.layout.active) {
    const { pane } = this.panes[place];
    const state = pane && pane.capture();
    return state && { pane: place, panes: this.layout.count, ...state };
  }

  // What could not be opened may be asked for again.
  forget(place) {
    if (this.panes[place]) this.panes[place].id = null;
  }

  drop(place) {
    const { pane } = this.panes[place];
    if (pane) pane.destroy();
    this.panes.length = place;
  }

  clear() {
    for (const slot of this.panes) {
      if (slot.pane) slot.pane.destroy();
      Object.assign(slot, { pane: null, id: null, shown: null, source: null, state: null });
    }
    this.marks.forget();
    this.layout.set(1);
    this.look();
  }

  drawMarks() {
    for (const { pane, source } of this.panes) if (pane && source) pane.showMarks(this.marks.of(source));
    this.drawBar();
  }

  // By hand: the same place in the other kind of picture.
  async setStills(stills) {
    this.stills = stills ? 'asked' : null;
    keepChoice(stills);
    const states = this.panes.map((slot, place) => slot.pane && this.capture(place));
    // A slide is the same in both.
    const again = (state) => ({ ...state, camera: state.slide ? state.camera : undefined });
    await Promise.all(states.map((state, place) => state && this.open(keyOf(state), { place, state: again(state), anew: true })));
    this.drawBar();
  }

  fallBack(why) {
    this.stills = 'failed';
    this.tell(this.say(why));
  }

  tell(words) {
    const note = find('[data-lightbox-note]', this.root);
    note.hidden = !words;
    setText(note, words || '');
  }

  look() {
    this.drawPresets();
    this.drawBar();
    this.overlays.look();
    this.onLook();
  }

  presetNow() {
    const { source, pane } = this.current;
    if (pane && pane.drawn && pane.drawn.preset !== undefined) return pane.drawn.preset;
    const window = pane && pane.drawn && pane.drawn.window;
    return window && source ? source.presets.findIndex(({ center, width }) => Math.abs(center - window.center) < 0.51 && Math.abs(width - window.width) < 0.51) : -1;
  }

  drawPresets() {
    const box = find('[data-presets]', this.root);
    const { source } = this.current;
    const presets = (source && source.presets) || [];
    const named = presets.length ? [{ label: this.say(source.tiles ? 'slide.whole' : 'window.default') }, ...presets] : [];
    box.replaceChildren(...named.map((one, place) => {
      const button = h('button', { type: 'button', 'data-series-preset': place - 1, 'aria-pressed': 'false' }, one.label);
      button.seriesWindow = place ? one : null;
      return button;
    }));
  }

  drawBar() {
    const { pane } = this.current;
    const chosen = this.presetNow();
    const own = pane && pane.drawn && pane.drawn.window;
    for (const button of this.root.querySelectorAll('[data-presets] button')) {
      const place = Number(button.dataset.seriesPreset);
      button.setAttribute('aria-pressed', String(place === -1 ? !own : place === chosen));
    }
    for (const button of this.root.querySelectorAll('[data-lightbox-bar] [data-tool]')) {
      button.setAttribute('aria-pressed', String(button.dataset.tool === this.tool));
      button.disabled = !pane || !pane.can(`tool-${button.dataset.tool}`) || ('marking' in button.dataset && !this.marks.can);
    }
    for (const button of this.root.querySelectorAll('[data-lightbox-bar] [data-command]')) {
      const { command } = button.dataset;
      if (['layout', 'next-pane', 'stills', 'next-window', 'hang'].includes(command)) continue;
      button.disabled = !pane || !pane.can(command);
      if (command === 'cine') button.setAttribute('aria-pressed', String(Boolean(pane && pane.cine)));
      if (command === 'invert') button.setAttribute('aria-pressed', String(Boolean(pane && pane.drawn && pane.drawn.invert)));
    }
    const stills = find('[data-command="stills"]', this.root);
    if (stills) {
      stills.setAttribute('aria-pressed', String(Boolean(this.stills)));
      stills.disabled = this.stills === 'old';
    }
    const hang = find('[data-command="hang"]', this.root);
    if (hang) hang.hidden = !(this.current.source && this.current.source.modality === 'MG');
    const next = find('[data-command="next-pane"]', this.root);
    if (next) next.disabled = this.layout.count < 2;
  }
}

// The image stage: pages through the series of the case that is on; who presents leads, the others follow or look freely.
import { viewerOf } from '../behaviours/series-viewer.js';
import { isTyping } from '../lib/keys.js';
import { find, h, setText } from './dom.js';
import { Pointers, shareOf } from './pointers.js';
import { currentItem, firstSeries } from './state.js';
import { throttle } from './throttle.js';
import { say } from './words.js';

const VIEWPORT_EVERY = 50;
const POINTER_EVERY = 100;
const AGAIN = 4000;

function nameOf({ title, study_date: day, images: n, withheld }) {
  const name = say('stage.series', { title, day: day || '', n });
  return withheld ? say('stage.withheld', { name }) : name;
}

export class Stage {
  // `ask(path)` answers {status, body}; `show(picture)` stores a series for everybody; `signal(kind, data)` relays, and the
  // sender's own `keep(viewport)` stands for what the others then know.
  constructor({ ask, show, signal, keep }) {
    this.ask = ask;
    this.showToAll = show;
    this.pointers = new Pointers();
    this.tellViewport = throttle((data) => {
      signal('viewport', data);
      keep(data);
    }, VIEWPORT_EVERY);
    this.tellPointer = throttle((data) => signal('pointer', data), POINTER_EVERY);
    this.slot = find('[data-series-slot]');
    this.select = find('[data-series-list]');
    this.button = find('[data-follow]');
    this.none = find('[data-stage-none]');
    this.forget(null);
    this.listen();
  }

  forget(item) {
    this.item = item;
    this.waits = null;
    this.list = null;
    this.known = new Map();
    this.series = null;
    this.opened = Promise.resolve();
    this.mounted = null;
    this.viewer = null;
    this.target = null;
    this.following = true;
    this.takesFocus = true;
    this.paged = 0;
    this.pointers.clear();
    this.slot.replaceChildren();
    this.select.replaceChildren();
    clearTimeout(this.again);
  }

  listen() {
    this.select.addEventListener('change', () => this.choose(Number(this.select.value)));
    this.button.addEventListener('click', () => this.setFollowing(!this.following));
    for (const one of document.querySelectorAll('[data-series-go]')) {
      one.addEventListener('click', () => this.step(Number(one.dataset.seriesGo)));
    }
    this.slot.addEventListener('series-moved', () => this.onMoved());
    this.slot.addEventListener('mousemove', (event) => this.onPointer(event));
    this.slot.addEventListener('mouseleave', () => this.presenting && this.tellPointer({ item: this.item, x: null, y: null }));
  }

  get presenting() {
    return Boolean(this.state) && this.item !== null && this.state.presenter === this.state.me.user;
  }

  render(state) {
    this.state = state;
    const item = currentItem(state);
    const id = item && state.conference.state === 'live' ? item.id : null;
    const waits = state.unconfirmed.includes(id);
    if (id !== this.item) {
      this.forget(id);
      if (id !== null) this.load(item.case.id);
    } else if (id !== null && waits !== this.waits) {
      // Images were held back or confirmed meanwhile.
      this.load(item.case.id);
    }
    this.waits = waits;
    this.drawLabels();
    if (this.following || this.presenting) this.follow();
  }

  drawLabels() {
    const { presenter, presenter_name: name } = this.state;
    const words = this.presenting ? say('stage.presenter_me') : presenter ? say('stage.presenter', { name }) : say('stage.no_presenter');
    setText(find('[data-presenter]'), words);
    const empty = !this.list || !this.list.length;
    find('[data-series-choice]').hidden = empty;
    for (const one of document.querySelectorAll('[data-series-go]')) one.hidden = empty;
    this.button.hidden = this.presenting || empty;
    this.button.setAttribute('aria-pressed', String(this.following));
    this.button.title = say(this.following ? 'stage.to_free' : 'stage.to_follow');
    setText(this.button, say(this.following ? 'stage.following' : 'stage.to_follow'));
    this.button.classList.toggle('is-free', !this.following);
  }

  async load(caseId) {
    const item = this.item;
    this.caseId = caseId;
    let list = null;
    try {
      const { status, body } = await this.ask(`/cases/${caseId}/series.json`);
      if (status === 200) list = body.filter((one) => one.images > 0);
    } catch {
      // Tried again below.
    }
    if (item !== this.item) return;
    this.none.hidden = list !== null && list.length > 0;
    if (list === null) {
      setText(this.none, say('stage.failed'));
      this.again = setTimeout(() => this.load(caseId), AGAIN);
      return;
    }
    this.list = list;
    this.none.replaceChildren(h('strong', {}, say('stage.empty')), h('br'), say('stage.empty_text'));
    this.select.replaceChildren(...list.map((one) => h('option', { value: one.id }, nameOf(one))));
    this.drawLabels();
    this.follow();
  }

  // What everybody looks at: where the presenter is, else what was shown last, else the first series that all may see.
  shared() {
    const { viewport, shown, current } = this.state;
    if (viewport && viewport.item === current) return viewport;
    if (shown[current] || !this.list || !this.list.length) return shown[current] || null;
    return { series: firstSeries(this.list).id, index: 0 };
  }

  follow() {
    const target = this.shared();
    if (!this.list || !target || (this.presenting && this.series !== null)) return;
    this.go(target);
  }

  // A series that is being opened is not opened again: its second coming would undo what was paged meanwhile.
  go(target) {
    this.target = target;
    if (this.series !== target.series) this.opened = this.open(target.series);
    else this.place(target);
    return this.opened;
  }

  place({ index, center, width }) {
    const { viewer } = this;
    if (this.mounted !== this.series) return;
    if (center !== undefined) viewer.preset = this.presetOf(center, width);
    viewer.show(index);
    viewer.draw();
  }

  presetOf(center, width) {
    if (center === null || width === null) return null;
    return this.viewer.presets.find((one) => one.center === center && one.width === width) || { center, width };
  }

  async open(id) {
    this.series = id;
    if (!this.known.has(id)) {
      const { status, body } = await this.ask(`/cases/${this.caseId}/series/${id}.json`).catch(() => ({ status: 0 }));
      if (this.series !== id) return;
      if (status !== 200) {
        this.series = null;
        this.again = setTimeout(() => this.state && this.follow(), AGAIN);
        return;
      }
      this.known.set(id, body);
    }
    if (this.mounted === id) this.place(this.target);
    else this.mount(this.known.get(id));
  }

  mount(series) {
    const element = find('[data-series-pattern]').content.firstElementChild.cloneNode(true);
    const { frames, presets, marks } = series;
    element.querySelector('script').textContent = JSON.stringify({ frames, presets, marks, start: 0 });
    setText(element.querySelector('.series-title'), series.title);
    element.querySelector('[data-series-slider]').max = String(frames.length || 1);
    const named = [{ label: say('stage.default_window') }, ...presets];
    const buttons = named.map((one, place) => h('button', { type: 'button', 'data-series-preset': place - 1, 'aria-pressed': String(place === 0) }, one.label));
    element.querySelector('.series-presets').replaceChildren(...(presets.length ? buttons : []));
    // With a new case the keys page at once, unless somebody is writing.
    const toFocus = this.slot.contains(document.activeElement) || (this.takesFocus && !isTyping(document.activeElement));
    this.takesFocus = false;
    this.slot.replaceChildren(element);
    this.viewer = viewerOf(element);
    this.mounted = series.id;
    this.select.value = String(series.id);
    if (toFocus) element.querySelector('[data-series-stage]').focus({ preventScroll: true });
    this.place(this.target);
  }

  // Chosen by this person: the presenter takes everybody along, anybody else leaves the others.
  choose(id) {
    if (this.presenting) this.showToAll({ series: id, index: 0 });
    else this.setFollowing(false);
    this.go({ series: id, index: 0, center: null, width: null }).then(() => this.tellWhere());
  }

  step(by) {
    if (!this.list || !this.list.length) return;
    const here = this.list.findIndex((one) => one.id === this.series);
    const next = this.list[(here + by + this.list.length) % this.list.length];
    if (next.id !== this.series) this.choose(next.id);
  }

  onMoved() {
    this.paged = Date.now();
    if (this.presenting) this.tellWhere();
    else if (this.following) this.setFollowing(false);
  }

  tellWhere() {
    if (!this.presenting || !this.viewer) return;
    const { index, preset } = this.viewer;
    const window = preset ? { center: preset.center, width: preset.width } : { center: null, width: null };
    this.tellViewport({ item: this.item, series: this.series, index, ...window });
  }

  setFollowing(following) {
    if (this.following === following) return;
    this.following = following;
    this.pointers.clear();
    this.drawLabels();
    if (following) this.follow();
  }

  onPointer(event) {
    // While one pages, the picture says enough and the line is needed for it.
    if (!this.presenting || !this.viewer || Date.now() - this.paged < 300) return;
    const share = shareOf(this.viewer.image, event);
    if (share) this.tellPointer({ item: this.item, ...share });
  }

  onSignal({ kind, actor, data }) {
    if (kind === 'pointer' && data.item === this.item && this.following) this.pointers.show(this.viewer, actor, data);
  }
}

// The image stage: pages through the series of the case that is on; who presents leads, the others follow or look freely.
import { isTyping } from '../lib/keys.js';
import { Lightbox } from '../viewer/lightbox.js';
import { say as viewerSay } from '../viewer/words.js';
import { find, h, setText } from './dom.js';
import { Pointers } from './pointers.js';
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
    // For each pane: the last state of one must not wait for another's.
    const told = [0, 1, 2, 3].map(() => throttle((data) => {
      signal('viewport', data);
      keep(data);
    }, VIEWPORT_EVERY));
    this.tellViewport = (data) => told[data.pane || 0](data);
    this.tellPointer = throttle((data) => signal('pointer', data), POINTER_EVERY);
    this.slot = find('[data-series-slot]');
    this.select = find('[data-series-list]');
    this.button = find('[data-follow]');
    this.none = find('[data-stage-none]');
    this.lightbox = new Lightbox(this.slot, {
      say: viewerSay,
      sourceOf: (id) => this.sourceOf(id),
      onState: (place, state) => this.onMoved(state),
      onPointer: (place, share) => this.onPointer(place, share),
      onLook: () => this.drawChoice(),
    });
    this.forget(null);
    this.listen();
  }

  forget(item) {
    this.item = item;
    this.waits = null;
    this.list = null;
    this.known = new Map();
    this.following = true;
    this.takesFocus = true;
    this.paged = 0;
    this.pointers.clear();
    this.lightbox.clear();
    this.marked = null;
    this.select.replaceChildren();
    clearTimeout(this.again);
  }

  listen() {
    this.select.addEventListener('change', () => this.choose(Number(this.select.value)));
    this.button.addEventListener('click', () => this.setFollowing(!this.following));
    for (const one of document.querySelectorAll('[data-series-go]')) {
      one.addEventListener('click', () => this.step(Number(one.dataset.seriesGo)));
    }
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
    const marked = id === null ? null : state.marked[id];
    if (marked !== this.marked) {
      this.marked = marked;
      this.lightbox.marks.load();
    }
  }

  drawLabels() {
    const { presenter, presenter_name: name } = this.state;
    const words = this.presenting ? say('stage.presenter_me') : presenter ? say('stage.presenter', { name }) : say('stage.no_presenter');
    setText(find('[data-presenter]'), words);
    const empty = !this.list || !this.list.length;
    this.slot.hidden = empty;
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
    this.lightbox.marks.load(caseId);
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

  // What everybody looks at: where the presenter is in each pane, else what was shown last, else the first series that all may see.
  shared() {
    const { viewports, shown, current } = this.state;
    const told = viewports.filter((one) => one.item === current);
    if (told.length) return told;
    if (shown[current]) return [shown[current]];
    return this.list && this.list.length ? [{ series: firstSeries(this.list).id, index: 0 }] : [];
  }

  // The presenter is led only until something is shown: after a reload, and at first.
  follow() {
    const targets = this.shared();
    if (!this.list || !this.list.length || !targets.length || (this.presenting && this.lightbox.current.id !== null)) return;
    const { panes } = targets[targets.length - 1];
    for (const target of targets) this.go({ ...target, panes });
  }

  // The pane that is told last is the one that is meant; a series that cannot be had yet is asked for again.
  async go(target) {
    const { item } = this;
    try {
      await this.lightbox.apply(target);
      if (item === this.item) this.takeFocus();
    } catch {
      if (item !== this.item) return;
      setText(this.none, say('stage.failed'));
      this.none.hidden = false;
      this.lightbox.forget(target.pane || 0);
      clearTimeout(this.again);
      this.again = setTimeout(() => this.state && this.follow(), AGAIN);
    }
  }

  async sourceOf(id) {
    const { known } = this;
    if (!known.has(id)) {
      const asked = this.ask(`/cases/${this.caseId}/series/${id}.json`).then(({ status, body }) => {
        if (status !== 200) throw new Error(String(status));
        return body;
      });
      known.set(id, asked);
      asked.catch(() => known.delete(id));
    }
    const source = await known.get(id);
    this.none.hidden = true;
    return source;
  }

  // With a new case the keys page at once, unless somebody is writing.
  takeFocus() {
    const { pane } = this.lightbox.current;
    if (!pane || !this.takesFocus) return;
    this.takesFocus = false;
    if (this.slot.contains(document.activeElement) || !isTyping(document.activeElement)) pane.focus();
  }

  drawChoice() {
    if (!this.lightbox) return;
    const { id } = this.lightbox.current;
    if (id !== null && id !== undefined) this.select.value = String(id);
  }

  // Chosen by this person: the presenter takes everybody along, anybody else leaves the others.
  async choose(id) {
    const { layout } = this.lightbox;
    if (!this.presenting) this.setFollowing(false);
    else if (layout.count === 1) this.showToAll({ series: id, index: 0 });
    try {
      await this.lightbox.open(id, { state: { series: id, index: 0, center: null, width: null } });
      const { pane } = this.lightbox.current;
      if (this.presenting) this.onMoved(this.lightbox.capture());
      if (pane && document.activeElement !== this.select) pane.focus();
    } catch {
      this.lightbox.tell(viewerSay('viewer.no_series'));
    }
  }

  // A key image: the presenter takes everybody to it, anybody else leaves the others.
  async look(state) {
    if (!this.presenting) this.setFollowing(false);
    else if (this.lightbox.layout.count === 1) this.showToAll({ series: state.series, index: state.index || 0 });
    try {
      await this.lightbox.open(state.series, { state });
      if (this.presenting) this.onMoved(this.lightbox.capture());
    } catch {
      this.lightbox.tell(viewerSay('viewer.no_series'));
    }
  }

  step(by) {
    if (!this.list || !this.list.length) return;
    const { id } = this.lightbox.current;
    const here = this.list.findIndex((one) => one.id === id);
    const next = this.list[(here + by + this.list.length) % this.list.length];
    if (next.id !== id) this.choose(next.id);
  }

  onMoved(state) {
    this.paged = Date.now();
    if (!state) return;
    if (this.presenting) this.tellViewport({ item: this.item, ...state });
    else if (this.following) this.setFollowing(false);
  }

  setFollowing(following) {
    if (this.following === following) return;
    this.following = following;
    this.pointers.clear();
    this.drawLabels();
    if (following) this.follow();
  }

  onPointer(place, share) {
    if (!this.presenting) return;
    // While one pages, the picture says enough and the line is needed for it.
    if (share && Date.now() - this.paged < 300) return;
    this.tellPointer({ item: this.item, pane: place, x: share ? share.x : null, y: share ? share.y : null });
  }

  onSignal({ kind, actor, data }) {
    if (kind !== 'pointer' || data.item !== this.item || !this.following) return;
    const slot = this.lightbox.panes[data.pane || 0];
    this.pointers.show(slot && slot.pane, actor, data);
  }
}

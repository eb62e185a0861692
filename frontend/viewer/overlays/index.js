// What derived objects (segmentations, structure sets, presentation states) draw over a series; each seat chooses for itself.
import { find, h, replaceContent } from '../../room/dom.js';
import { Layer, contentOf, element, matrixOf } from './drawing.js';

const FAILED = { overlays: [], unshown: [], failed: true };

async function ask(url) {
  const answer = await fetch(url, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

export class Overlays {
  constructor(lightbox) {
    this.lightbox = lightbox;
    this.say = lightbox.say;
    this.box = find('[data-overlays]', lightbox.root);
    this.known = new Map();
    this.layers = new WeakMap();
    if (!this.box) return;
    lightbox.root.addEventListener('pane-drawn', (event) => this.drawOver(event.target));
    this.box.addEventListener('change', (event) => this.switched(event.target));
    this.box.addEventListener('keydown', (event) => this.onKey(event));
  }

  onKey(event) {
    if (event.key !== 'Escape' || !this.box.open) return;
    event.stopPropagation();
    this.box.open = false;
    find('summary', this.box).focus();
  }

  // Of the series that the pane in question shows: {list, on, contents}.
  of(source) {
    if (!source || !source.overlays) return null;
    if (!this.known.has(source.id)) {
      const one = { list: null, on: new Set(), contents: new Map() };
      this.known.set(source.id, one);
      ask(source.overlays).catch(() => FAILED).then((list) => {
        one.list = list;
        this.look();
      });
    }
    return this.known.get(source.id);
  }

  look() {
    if (!this.box) return;
    const { source, pane } = this.lightbox.current;
    const own = this.of(source);
    const list = own && own.list;
    const some = list && (list.overlays.length || list.unshown.length || list.failed || source.modality === 'PT');
    this.box.hidden = !some;
    if (!some) this.box.open = false;
    else replaceContent(find('[data-overlay-list]', this.box), this.lines(source, own, pane));
  }

  lines(source, own, pane) {
    const { overlays, unshown, failed } = own.list;
    const stills = pane && pane.constructor.engine === 'stills';
    return [
      ...(failed ? [h('p', { class: 'overlay-note' }, this.say('overlay.failed'))] : []),
      ...(source.modality === 'PT' ? [h('p', { class: 'overlay-note' }, this.say('overlay.pet'))] : []),
      ...(stills && overlays.length ? [h('p', { class: 'overlay-note' }, this.say('overlay.stills'))] : []),
      ...overlays.map((overlay) => this.group(source, own, overlay)),
      ...unshown.map(({ title, modality, words }) => h('p', { class: 'overlay-note' }, h('strong', {}, title || modality), ' ', words)),
    ];
  }

  group(source, own, overlay) {
    const content = own.contents.get(overlay.series);
    const notes = content && content.pictures
      ? [...(content.left_out ? [this.say('overlay.left_out', { n: content.left_out })] : []), ...(content.cut ? [this.say('overlay.cut')] : [])] : [];
    if (content && content.failed) notes.push(this.say('overlay.failed'));
    return h('fieldset', {}, h('legend', {}, overlay.title || overlay.modality),
      overlay.segments.map(({ number, label, colour }) => {
        const key = `${overlay.series}:${number}`;
        return h('label', {},
          h('input', { type: 'checkbox', 'data-key': key, 'data-overlay': overlay.series, 'data-segment': number, 'data-base': source.id, checked: own.on.has(key) }),
          this.swatch(colour), h('span', {}, label));
      }),
      notes.map((words) => h('p', { class: 'overlay-note' }, words)));
  }

  swatch(colour) {
    const made = element('svg', { class: 'overlay-swatch', viewBox: '0 0 1 1', 'aria-hidden': 'true' });
    made.append(element('rect', { width: 1, height: 1, fill: colour }));
    return made;
  }

  async switched(input) {
    const { overlay, segment, base } = input.dataset;
    if (!overlay) return;
    const own = this.known.get(Number(base));
    const key = `${overlay}:${segment}`;
    if (input.checked) own.on.add(key);
    else own.on.delete(key);
    const entry = own.list.overlays.find(({ series }) => series === Number(overlay));
    await this.fetch(own, entry);
    this.look();
    this.drawAll();
    if (input.checked && entry.kind === 'state') this.showAsMeant(own, entry);
  }

  async fetch(own, { series, url }) {
    const known = own.contents.get(series);
    if (known && !known.failed) return;
    own.contents.set(series, await ask(url).catch(() => ({ failed: true })));
  }

  // A presentation state also says how the picture is to be shown: window, part, turned, mirrored.
  showAsMeant(own, { series }) {
    const { pane } = this.lightbox.current;
    const drawing = this.drawingsOf(own.contents.get(series), pane).find(({ display }) => display);
    if (drawing && pane.showDisplay) pane.showDisplay(drawing.display);
  }

  pictureOf(pane) {
    return pane && pane.view && pane.view.pictures && pane.drawn ? pane.view.pictures[pane.drawn.index] : null;
  }

  drawingsOf(content, pane) {
    const picture = this.pictureOf(pane);
    return (picture && content && content.pictures && (content.pictures[picture.uid] || {})[String(picture.frame)]) || [];
  }

  drawAll() {
    for (const { box } of this.lightbox.panes) this.drawOver(box);
  }

  drawOver(box) {
    const slot = this.lightbox.panes.find((one) => one.box === box);
    const own = slot && slot.source && this.known.get(slot.source.id);
    const picture = slot && this.pictureOf(slot.pane);
    if (!own || !picture || !slot.pane.parts) return;
    const on = [...own.on].sort().join(' ');
    let kept = this.layers.get(slot.pane);
    if (!kept && !on) return;
    if (!kept || !kept.layer.root.isConnected) {
      kept = { layer: new Layer(slot.pane.parts.picture.parentElement), what: '' };
      this.layers.set(slot.pane, kept);
    }
    const what = `${slot.source.id} ${picture.uid} ${picture.frame} ${on} ${own.contents.size}`;
    if (kept.what !== what) {
      kept.what = what;
      kept.layer.fill(this.drawnOn(own, slot.pane));
    }
    const [rows, columns] = ['00280010', '00280011'].map((tag) => Number(picture.header[tag].Value[0]));
    kept.layer.moveTo(on && !slot.pane.cut ? matrixOf((share) => slot.pane.placeOf(share), columns, rows) : null);
  }

  drawnOn(own, pane) {
    const lines = new Map();
    const notes = [];
    for (const { series, segments } of own.list.overlays) {
      const shown = this.drawingsOf(own.contents.get(series), pane).filter(({ segment }) => own.on.has(`${series}:${segment}`));
      const colours = new Map(segments.map(({ number, colour }) => [number, colour]));
      const content = contentOf(shown, (segment) => colours.get(segment));
      for (const [colour, drawings] of content.lines) lines.set(colour, [...(lines.get(colour) || []), ...drawings]);
      notes.push(...content.notes);
    }
    return { lines, notes };
  }
}

// A region is marked on a slide: dragged by mouse, or by Enter the middle of what is seen; then its caption is asked for.
import OpenSeadragon from 'openseadragon';
import { askText } from '../ask.js';

const LEAST = 6;
const SHARE = 0.25;

// The corners of a rectangle between two opposite ones, turned as the view is, so that it lies straight before who drew it.
export function cornersOf(from, to, toImage) {
  return [[from.x, from.y], [to.x, from.y], [to.x, to.y], [from.x, to.y]].map(([x, y]) => {
    const point = toImage(new OpenSeadragon.Point(x, y));
    return [Math.round(point.x * 10) / 10, Math.round(point.y * 10) / 10];
  });
}

export class RegionTool {
  // `marking`: {tool(), can(), add(wish)} of the light box.
  constructor(pane, marking, say) {
    Object.assign(this, { pane, marking, say });
    this.from = null;
    const { viewer } = pane;
    viewer.addHandler('canvas-press', (event) => { this.from = this.on ? event.position : null; });
    viewer.addHandler('canvas-drag', (event) => this.onDrag(event));
    viewer.addHandler('canvas-drag-end', (event) => this.onDragEnd(event));
    this.onKey = (event) => this.byKey(event);
    pane.element.addEventListener('keydown', this.onKey);
  }

  get on() {
    return this.marking.tool() === 'rectangle' && this.marking.can() && this.pane.ready;
  }

  corners(to) {
    return cornersOf(this.from, to, (point) => this.pane.viewer.viewport.viewerElementToImageCoordinates(point));
  }

  onDrag(event) {
    if (!this.from) return;
    event.preventDefaultAction = true;
    this.pane.drawDraft(this.corners(event.position));
  }

  onDragEnd(event) {
    if (!this.from) return;
    event.preventDefaultAction = true;
    const { from } = this;
    const large = Math.abs(event.position.x - from.x) >= LEAST && Math.abs(event.position.y - from.y) >= LEAST;
    const points = this.corners(event.position);
    this.from = null;
    if (large) this.keep(points);
    else this.pane.drawDraft(null);
  }

  byKey(event) {
    if (event.key !== 'Enter' || !this.on || event.target !== this.pane.element) return;
    event.preventDefault();
    event.stopPropagation();
    const { clientWidth: width, clientHeight: height } = this.pane.parts.picture;
    this.from = { x: width * SHARE, y: height * SHARE };
    const points = this.corners({ x: width * (1 - SHARE), y: height * (1 - SHARE) });
    this.from = null;
    this.pane.drawDraft(points);
    this.keep(points);
  }

  async keep(points) {
    const text = await askText({ title: this.say('slide.caption') });
    if (text) await this.marking.add({ slide: this.pane.source.id, kind: 'rectangle', points, text });
    this.pane.drawDraft(null);
    this.pane.focus();
  }

  destroy() {
    this.pane.element.removeEventListener('keydown', this.onKey);
  }
}

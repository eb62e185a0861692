// The tools of the mouse, shared by the panes of a page: one on the left button, moving on the middle, zooming on the right; and the marks.
import { askText } from '../ask.js';
import { core, tools } from './cornerstone.js';
import { DRAWN, drawAgain, drawMarks, dropOthers, kindOf, pointsToDraw, pointsToKeep, remove, settingsOf } from './drawing.js';
import { Placing } from './placing.js';

const GROUP = 'mdt-tools';
const HAND = { window: tools.WindowLevelTool, pan: tools.PanTool, zoom: tools.ZoomTool, scroll: tools.StackScrollTool };

let added = false;

export class Toolbox {
  constructor({ engine, say }) {
    this.engine = engine;
    this.say = say;
    this.panes = new Set();
    this.marks = null;
    this.moved = new Set();
    this.placing = null;
    if (!added) for (const tool of [...Object.values(HAND), ...Object.values(DRAWN)]) tools.addTool(tool);
    added = true;
    this.group = tools.ToolGroupManager.createToolGroup(GROUP);
    for (const tool of Object.values(HAND)) this.group.addTool(tool.toolName);
    for (const [kind, tool] of Object.entries(DRAWN)) this.group.addTool(tool.toolName, settingsOf(kind, { askArrow: (done) => this.askArrow(done) }));
    this.choose('window');
    this.listen();
  }

  listen() {
    const { Events } = tools.Enums;
    core.eventTarget.addEventListener(Events.ANNOTATION_COMPLETED, ({ detail }) => this.onDrawn(detail.annotation));
    core.eventTarget.addEventListener(Events.ANNOTATION_MODIFIED, ({ detail }) => this.onModified(detail));
    window.addEventListener('mouseup', () => setTimeout(() => this.keepMoved(), 0));
  }

  choose(name) {
    const { MouseBindings } = tools.Enums;
    this.stopPlacing();
    this.chosen = name;
    for (const tool of [...Object.values(HAND), ...Object.values(DRAWN)]) this.group.setToolPassive(tool.toolName, { removeAllBindings: true });
    const bound = new Map();
    const bind = (tool, binding) => bound.set(tool, [...(bound.get(tool) || []), binding]);
    bind(HAND[name] || DRAWN[name], { mouseButton: MouseBindings.Primary });
    bind(tools.PanTool, { mouseButton: MouseBindings.Auxiliary });
    bind(tools.ZoomTool, { mouseButton: MouseBindings.Secondary });
    bind(tools.ZoomTool, { numTouchPoints: 2 });
    for (const [tool, bindings] of bound) this.group.setToolActive(tool.toolName, { bindings });
  }

  join(pane) {
    this.panes.add(pane);
    this.group.addViewport(pane.id, this.engine.id);
    pane.parts.picture.addEventListener('contextmenu', (event) => event.preventDefault());
    // Enter begins a mark by keyboard.
    pane.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || this.placing || !(this.chosen in DRAWN) || !pane.ready || !this.mayMark) return;
      event.preventDefault();
      event.stopPropagation();
      this.place(pane, this.chosen);
    });
  }

  leave(pane) {
    if (this.placing && this.placing.pane === pane) this.stopPlacing();
    this.panes.delete(pane);
    this.group.removeViewports(this.engine.id, pane.id);
  }

  get mayMark() {
    return Boolean(this.marks && this.marks.can);
  }

  opened(pane) {
    if (this.marks) this.showMarks(pane, this.marks.of(pane.source));
  }

  showMarks(pane, list) {
    if (!pane.ready) return;
    dropOthers(this.marks ? this.marks.list : list);
    drawMarks(pane, list, () => this.mayMark);
    drawAgain(this.panes);
  }

  paneOf(annotation) {
    const { referencedImageId: id } = annotation.metadata;
    return [...this.panes].find((pane) => pane.view && pane.view.pictures.some((one) => one.id === id));
  }

  async askArrow(done) {
    done(await askText({ title: this.say('mark.arrow_text') }));
  }

  // Drawn by the mouse: kept, then shown as the server has it.
  async onDrawn(annotation) {
    if (annotation.data.mark || !kindOf(annotation)) return;
    const pane = this.paneOf(annotation);
    const text = kindOf(annotation) === 'arrow' ? annotation.data.text || annotation.data.label || '' : '';
    const points = annotation.data.handles.points.map((point) => [...point]);
    const { referencedImageId: id } = annotation.metadata;
    if (this.mayMark && pane && (text || kindOf(annotation) !== 'arrow')) await this.keep(pane, id, kindOf(annotation), points, text);
    remove(annotation);
    drawAgain(this.panes);
  }

  onModified({ annotation }) {
    if (!annotation.data.mark) return;
    const pane = this.paneOf(annotation);
    const picture = pane && pane.view.pictures.find(({ id }) => id === annotation.metadata.referencedImageId);
    if (!picture) return;
    const before = pointsToDraw(annotation.data.mark.points, picture);
    const off = annotation.data.handles.points.some((point, at) => point.some((one, axis) => Math.abs(one - before[at][axis]) > 0.001));
    if (off) this.moved.add(annotation);
  }

  // Moved by the mouse, and let go: another mark, the old one is struck out.
  async keepMoved() {
    const moved = [...this.moved];
    this.moved.clear();
    for (const annotation of moved) {
      const { mark } = annotation.data;
      const pane = this.paneOf(annotation);
      const points = annotation.data.handles.points.map((point) => [...point]);
      remove(annotation);
      if (pane) await this.replace(pane, mark, annotation.metadata.referencedImageId, points);
    }
  }

  async replace(pane, mark, id, points) {
    const made = await this.keep(pane, id, mark.kind, points, mark.text);
    if (made) await this.marks.strike(mark.id, this.say('mark.redrawn'));
    else this.showMarks(pane, this.marks.of(pane.source));
  }

  async keep(pane, id, kind, points, text) {
    const picture = pane.view.pictures.find((one) => one.id === id);
    return this.marks.add({
      series: pane.source.id, image: picture.uid, frame: picture.frame, kind, text, points: pointsToKeep(points, picture).map((point) => point.map((one) => Math.round(one * 1e4) / 1e4)),
    });
  }

  // By keyboard: a new mark, or an old one moved.
  place(pane, kind, mark = null) {
    const id = pane.viewport.getCurrentImageId();
    const toWorld = (points) => points.map(([x, y]) => [...pane.viewport.canvasToWorld([x, y])]);
    const began = mark && pointsToDraw(mark.points, pane.picture).map((point) => [...pane.viewport.worldToCanvas(point)]);
    this.placing = new Placing(pane, kind, {
      say: this.say, began,
      ended: () => { this.placing = null; },
      done: async (points) => {
        if (mark) {
          await this.replace(pane, mark, id, toWorld(points));
          return;
        }
        const text = kind === 'arrow' ? await askText({ title: this.say('mark.arrow_text') }) : '';
        if (text !== null) await this.keep(pane, id, kind, toWorld(points), text);
        pane.focus();
      },
    });
  }

  stopPlacing() {
    if (this.placing) this.placing.end();
  }
}

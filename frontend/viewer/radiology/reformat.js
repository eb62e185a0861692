// A series cut as a volume: axial, coronal and sagittal planes through the patient, in place of the pictures as they were taken.
import { edgeLetters, moved, scaleBar, zoomed } from '../camera.js';
import { showLetters } from '../frame.js';
import { short } from '../numbers.js';
import { core, drawsByProcessor, tools } from './cornerstone.js';
import { planeOf, placed } from './source.js';
import { headerWindow, rangeOf } from './view.js';
import { whyNoVolume } from './volume.js';

export const CUTS = ['axial', 'coronal', 'sagittal'];
const GROUP = 'mdt-reformat';
const HAND = { window: tools.WindowLevelTool, pan: tools.PanTool, zoom: tools.ZoomTool, scroll: tools.StackScrollTool };
const LARGER = 1.2;
const STEP = 0.1;

let made = 0;

// Why a series can't be cut on this PC: the key of a sentence, or nothing.
export function whyNotHere(pictures, color) {
  return whyNoVolume(pictures.map(({ id }) => planeOf(id)), {
    positioned: pictures.every((one) => placed(one).position && placed(one).spacing), color, processor: drawsByProcessor(), gigabytes: navigator.deviceMemory || 4,
  });
}

// The hand's tools alone: marks are kept on pictures as they were taken.
function handGroup() {
  const known = tools.ToolGroupManager.getToolGroup(GROUP);
  if (known) return known;
  const group = tools.ToolGroupManager.createToolGroup(GROUP);
  for (const tool of Object.values(HAND)) group.addTool(tool.toolName);
  return group;
}

export class Reformat {
  // Lies over the picture of its pane while it is shown.
  constructor(pane) {
    this.pane = pane;
    made += 1;
    this.id = `${pane.id}-volume-${made}`;
    this.box = document.createElement('div');
    this.box.className = 'pane-picture';
    this.box.dataset.reformat = '';
    pane.parts.picture.after(this.box);
    this.box.addEventListener('contextmenu', (event) => event.preventDefault());
  }

  async open(cut, { window, invert }) {
    const { engine, view } = this.pane;
    const { Enums } = core;
    this.plane = cut;
    const volumeId = `mdt-volume:${view.series}`;
    const volume = core.cache.getVolume(volumeId) || await core.volumeLoader.createAndCacheVolume(volumeId, { imageIds: view.pictures.map(({ id }) => id) });
    if (this.gone) return;
    engine.enableElement({
      viewportId: this.id, type: Enums.ViewportType.ORTHOGRAPHIC, element: this.box, defaultOptions: { background: [0, 0, 0], orientation: cut },
    });
    this.viewport = engine.getViewport(this.id);
    for (const name of [Enums.Events.VOI_MODIFIED, Enums.Events.CAMERA_MODIFIED]) this.box.addEventListener(name, () => this.pane.soon());
    await core.setVolumesForViewports(engine, [{ volumeId }], [this.id]);
    if (this.gone) return;
    this.group = handGroup();
    this.group.addViewport(this.id, engine.id);
    this.joined = true;
    this.viewport.setProperties({ voiRange: rangeOf(window), invert });
    volume.load();
    this.turnTo(cut);
  }

  get ready() {
    return Boolean(this.viewport && this.joined && !this.gone);
  }

  // Another cut begins in the middle; the window stays.
  turnTo(cut) {
    this.plane = cut;
    if (!this.ready) return;
    this.viewport.setOrientation(cut);
    this.whole = this.viewport.getCamera().parallelScale;
    this.viewport.render();
    this.pane.soon();
  }

  // One on the left button, as chosen for the page; moving on the middle, zooming on the right.
  hold(chosen) {
    const name = chosen in HAND ? chosen : 'window';
    if (name === this.held) return;
    this.held = name;
    const { Primary, Auxiliary, Secondary } = tools.Enums.MouseBindings;
    for (const tool of Object.values(HAND)) this.group.setToolPassive(tool.toolName, { removeAllBindings: true });
    const bound = new Map([[tools.PanTool, [{ mouseButton: Auxiliary }]], [tools.ZoomTool, [{ mouseButton: Secondary }, { numTouchPoints: 2 }]]]);
    bound.set(HAND[name], [...(bound.get(HAND[name]) || []), { mouseButton: Primary }]);
    for (const [tool, bindings] of bound) this.group.setToolActive(tool.toolName, { bindings });
  }

  camera() {
    const { focalPoint, viewPlaneNormal, viewUp, parallelScale } = this.viewport.getCamera();
    return { focal: [...focalPoint], normal: [...viewPlaneNormal], up: [...viewUp], scale: parallelScale };
  }

  look({ focal, normal, up, scale }) {
    const before = this.viewport.getCamera();
    const off = focal.map((one, axis) => one - before.focalPoint[axis]);
    this.viewport.setCamera({
      focalPoint: focal, position: before.position.map((one, axis) => one + off[axis]), viewPlaneNormal: normal, viewUp: up, parallelScale: scale,
    });
    this.viewport.render();
  }

  window() {
    const { voiRange, invert } = this.viewport.getProperties();
    const { windowCenter: center, windowWidth: width } = core.utilities.windowLevel.toWindowLevel(voiRange.lower, voiRange.upper);
    return { window: { center, width }, invert: Boolean(invert) };
  }

  setWindow(window) {
    this.viewport.setProperties({ voiRange: rangeOf(window) });
    this.viewport.render();
  }

  can(command) {
    return ['zoom-in', 'zoom-out', 'invert', 'reset', 'reformat', 'preset', 'tool-window', 'tool-pan', 'tool-zoom', 'tool-scroll'].includes(command);
  }

  run(command, value) {
    if (!this.ready) return;
    const { window, invert } = this.window();
    const commands = {
      step: () => this.viewport.scroll(Math.sign(value) * Math.min(Math.abs(value), this.viewport.getNumberOfSlices())),
      'zoom-in': () => this.look(zoomed(this.camera(), LARGER)),
      'zoom-out': () => this.look(zoomed(this.camera(), 1 / LARGER)),
      move: () => this.look(moved(this.camera(), value[0] * STEP, value[1] * STEP)),
      invert: () => { this.viewport.setProperties({ invert: !invert }); this.viewport.render(); },
      reset: () => this.turnTo(this.plane),
      window: () => this.setWindow(value || headerWindow(this.pane.viewport.getCornerstoneImage())),
      'shift-window': () => {
        const by = Math.max(1, Math.round(window.width * 0.05));
        this.setWindow({ center: window.center + value[0] * by, width: Math.max(1, window.width + value[1] * by) });
      },
    };
    if (commands[command]) commands[command]();
    this.pane.soon();
  }

  // Writes over the picture; gives what the bar shows.
  draw(parts, say) {
    if (!this.ready) return null;
    this.hold(this.pane.toolbox.chosen);
    const { window, invert } = this.window();
    const camera = this.camera();
    const words = { n: this.viewport.getSliceIndex() + 1, total: this.viewport.getNumberOfSlices() };
    parts.position.textContent = `${say(`reformat.${this.plane}`)} · ${say('viewer.position', words)}`;
    parts.technique.textContent = say('reformat.computed');
    parts.window.textContent = `${say('window.now', { width: short(window.width), center: short(window.center) })} · ${Math.round(this.whole / camera.scale * 100)}%`;
    showLetters(parts.marks, edgeLetters(camera));
    const { mm, share } = scaleBar(camera);
    parts.scale.hidden = false;
    parts.scale.style.height = `${share * 100}%`;
    parts.scale.firstElementChild.textContent = mm >= 10 ? `${mm / 10} cm` : `${mm} mm`;
    return { window, invert };
  }

  // The window goes back to the pictures.
  close() {
    this.gone = true;
    const last = this.ready ? this.window() : null;
    if (this.joined) this.group.removeViewports(this.pane.engine.id, this.id);
    if (this.viewport) this.pane.engine.disableElement(this.id);
    this.box.remove();
    return last;
  }
}

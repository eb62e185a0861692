// Four handles on the corners of a sheet in a photograph: by finger, mouse or arrow keys. While one moves, a glass shows what lies
// under it. Corners are in the picture's own pixels.
import { arrowStep, clamp, pointAt } from '../lib/regions.js';

// The glass shows this share of the picture's longer side.
const GLASS = 0.12;
// Pixels across of what is shown on the screen.
const SHOWN = 1200;

export class CornerEditor {
  constructor(element, onChange) {
    this.canvas = element.querySelector('[data-corners-picture]');
    this.outline = element.querySelector('[data-corners-outline]');
    this.glass = element.querySelector('[data-corners-glass]');
    this.handles = [...element.querySelectorAll('[data-corner]')];
    this.onChange = onChange;
    this.picture = null;
    this.corners = [];
    this.handles.forEach((handle, place) => this.listen(handle, place));
  }

  listen(handle, place) {
    let offset = null;
    handle.addEventListener('pointerdown', (event) => {
      if (!event.isPrimary) return;
      event.preventDefault();
      handle.focus();
      handle.setPointerCapture(event.pointerId);
      // The finger may lie beside the corner's very place: it moves by as much as the finger does.
      const at = this.pointOf(event);
      offset = { x: this.corners[place].x - at.x, y: this.corners[place].y - at.y };
      this.look(place);
    });
    handle.addEventListener('pointermove', (event) => {
      if (!offset) return;
      const at = this.pointOf(event);
      this.move(place, { x: at.x + offset.x, y: at.y + offset.y });
      this.look(place);
    });
    for (const end of ['pointerup', 'pointercancel', 'blur']) {
      handle.addEventListener(end, () => {
        offset = null;
        this.glass.hidden = true;
      });
    }
    handle.addEventListener('keydown', (event) => {
      const step = arrowStep(event, this.picture);
      if (!step) return;
      event.preventDefault();
      this.move(place, { x: this.corners[place].x + step[0], y: this.corners[place].y + step[1] });
      this.look(place);
    });
  }

  show(picture, corners) {
    this.picture = picture;
    const scale = Math.min(1, SHOWN / Math.max(picture.width, picture.height));
    this.canvas.width = Math.round(picture.width * scale);
    this.canvas.height = Math.round(picture.height * scale);
    this.canvas.getContext('2d').drawImage(picture, 0, 0, this.canvas.width, this.canvas.height);
    this.outline.setAttribute('viewBox', `0 0 ${picture.width} ${picture.height}`);
    this.set(corners);
  }

  set(corners) {
    this.corners = corners;
    const { width, height } = this.picture;
    corners.forEach(({ x, y }, place) => {
      this.handles[place].style.left = `${(x / width) * 100}%`;
      this.handles[place].style.top = `${(y / height) * 100}%`;
    });
    const points = corners.map(({ x, y }) => `${x},${y}`).join(' ');
    this.outline.firstElementChild.setAttribute('points', points);
    this.onChange(corners);
  }

  move(place, to) {
    const { width, height } = this.picture;
    const corner = { x: Math.round(clamp(to.x, 0, width)), y: Math.round(clamp(to.y, 0, height)) };
    this.set(this.corners.map((one, other) => (other === place ? corner : one)));
  }

  pointOf(event) {
    return pointAt(this.canvas.getBoundingClientRect(), this.picture, event.clientX, event.clientY);
  }

  // On the other side than the finger, so that no hand lies over it.
  look(place) {
    const { x, y } = this.corners[place];
    const { width, height } = this.picture;
    const side = Math.max(width, height) * GLASS;
    const brush = this.glass.getContext('2d');
    const edge = this.glass.width;
    brush.fillStyle = '#0c1114';
    brush.fillRect(0, 0, edge, edge);
    const k = edge / side;
    brush.setTransform(k, 0, 0, k, edge / 2 - x * k, edge / 2 - y * k);
    brush.drawImage(this.picture, 0, 0);
    brush.setTransform(1, 0, 0, 1, 0, 0);
    brush.strokeStyle = '#ffbf1f';
    brush.lineWidth = 2;
    brush.beginPath();
    for (const [fromX, fromY, toX, toY] of [[edge / 2, 0, edge / 2, edge], [0, edge / 2, edge, edge / 2]]) {
      brush.moveTo(fromX, fromY);
      brush.lineTo(toX, toY);
    }
    brush.stroke();
    this.glass.classList.toggle('is-right', x < width / 2);
    this.glass.hidden = false;
  }
}

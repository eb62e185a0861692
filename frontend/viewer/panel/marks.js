// The marks of a case beside the pictures: a click shows one where it was made; struck out with a reason, moved by keyboard.
import { find, h, setText } from '../../room/dom.js';
import { askText } from '../ask.js';
import { keyOf } from '../engines.js';
import { linesOf } from '../marks.js';
import { aroundPoints } from '../slides/camera.js';

export class MarksPanel {
  constructor(root, { lightbox, say, titleOf }) {
    Object.assign(this, { root, lightbox, say, titleOf });
    this.list = find('[data-marks-list]', root);
    this.struck = find('[data-marks-struck]', root);
  }

  draw() {
    const { list, can } = this.lightbox.marks;
    const ours = list.filter((mark) => mark.series || mark.slide);
    const standing = ours.filter((mark) => !mark.struck);
    const struck = ours.filter((mark) => mark.struck);
    this.list.replaceChildren(...standing.map((mark) => this.row(mark, can)));
    find('[data-marks-none]', this.root).hidden = standing.length > 0;
    this.struck.hidden = struck.length === 0;
    setText(find('summary', this.struck), this.say('mark.struck', { n: struck.length }));
    find('ul', this.struck).replaceChildren(...struck.map((mark) => this.row(mark, false)));
  }

  row(mark, can) {
    const button = (label, act) => h('button', { type: 'button', class: 'link-button', on: { click: act } }, label);
    const name = `${this.say(`mark.${mark.kind}`)} ${linesOf(mark).join(' · ')}`.trim();
    return h('li', { 'data-mark': mark.id },
      h('button', { type: 'button', class: 'mark-go', on: { click: () => this.show(mark) } }, h('strong', {}, name), h('span', { class: 'quiet' }, this.titleOf(mark)), h('span', { class: 'quiet' }, `${mark.by.name} ${mark.at.slice(0, 10)}`)),
      mark.struck ? h('span', { class: 'quiet' }, this.say('mark.struck_by', { name: mark.struck.by.name, reason: mark.struck.reason || '' })) : null,
      can ? h('span', { class: 'mark-do' }, mark.slide ? null : button(this.say('mark.move'), () => this.move(mark)), button(this.say('mark.strike'), () => this.strike(mark))) : null);
  }

  async show(mark) {
    if (mark.slide) {
      await this.lightbox.open(keyOf(mark), { state: { slide: mark.slide, camera: aroundPoints(mark.points) } });
      return;
    }
    const { center, width } = this.lightbox.capture() || {};
    await this.lightbox.open(mark.series, { state: { series: mark.series, image: mark.image, frame: mark.frame, index: mark.index, center, width } });
  }

  async move(mark) {
    await this.show(mark);
    const { pane } = this.lightbox.current;
    if (!pane || !this.lightbox.toolbox || pane.constructor.engine !== 'radiology') return;
    pane.focus();
    this.lightbox.toolbox.place(pane, mark.kind, mark);
  }

  async strike(mark) {
    const reason = await askText({ title: this.say('mark.strike_reason'), optional: mark.by.id === this.lightbox.me });
    if (reason !== null) await this.lightbox.marks.strike(mark.id, reason);
  }
}

// The viewer page: the series of a case beside the light box.
import '../styles/room.css';
import '../styles/viewer.css';
import { find, setText } from '../room/dom.js';
import { keyOf, pathOf } from './engines.js';
import { KeyImages } from './key-images.js';
import { Lightbox } from './lightbox.js';
import { MarksPanel } from './panel/marks.js';
import { say } from './words.js';

async function ask(path) {
  const response = await fetch(path, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
  return { status: response.status, body: response.ok ? await response.json() : {} };
}

function keyOfLink(link) {
  const { seriesLink, slideLink } = link.dataset;
  return slideLink ? `slide:${slideLink}` : Number(seriesLink);
}

class ViewerPage {
  constructor(root) {
    this.root = root;
    this.data = JSON.parse(find('script[type="application/json"]', root).textContent);
    this.known = new Map(this.data.first ? [[this.data.firstKey, this.data.first]] : []);
    this.lightbox = new Lightbox(root, { say, sourceOf: (id) => this.sourceOf(id), onLook: () => this.draw(), onMarks: () => this.panel && this.panel.draw() });
    this.panel = new MarksPanel(find('[data-marks-panel]'), { lightbox: this.lightbox, say, titleOf: (mark) => this.titleOf(mark) });
    this.lightbox.marks.load(this.data.case);
    window.addEventListener('focus', () => this.lightbox.marks.load());
    this.keyImages = new KeyImages({
      box: find('[data-pictured]'), button: find('[data-key-image]'), ask, say, show: (state) => this.show(keyOf(state), state), capture: () => this.lightbox.capture(),
    });
    this.keyImages.setCase(this.data.case);
    for (const link of this.links) link.addEventListener('click', (event) => this.onLink(event, link));
  }

  get links() {
    return [...document.querySelectorAll('[data-series-link], [data-slide-link]')];
  }

  titleOf({ series, slide, index }) {
    const key = keyOf({ series, slide });
    const link = this.links.find((one) => keyOfLink(one) === key);
    const place = index === null || index === undefined ? '' : say('mark.place', { n: index + 1 });
    return [link ? link.querySelector('strong').textContent : '', place].filter(Boolean).join(' · ');
  }

  async sourceOf(id) {
    if (!this.known.has(id)) {
      const answer = await fetch(`/cases/${this.data.case}/${pathOf(id)}.json`, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
      if (!answer.ok) throw new Error(String(answer.status));
      this.known.set(id, await answer.json());
    }
    return this.known.get(id);
  }

  onLink(event, link) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    this.show(keyOfLink(link));
  }

  async show(id, state = null) {
    try {
      await this.lightbox.open(id, { state });
      this.lightbox.current.pane.focus();
      const address = new URL(window.location.href);
      const [kind, number] = pathOf(id).split('/');
      address.search = '';
      address.searchParams.set(kind === 'slides' ? 'slide' : 'series', number);
      window.history.replaceState(null, '', address);
    } catch {
      this.lightbox.tell(say('viewer.no_series'));
    }
  }

  draw() {
    if (!this.lightbox) return;
    const shown = this.lightbox.panes.map(({ id }) => id);
    const { source, id } = this.lightbox.current;
    for (const link of this.links) {
      const own = keyOfLink(link);
      if (own === id) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
      link.classList.toggle('is-shown', own !== id && shown.includes(own));
    }
    if (this.keyImages) this.keyImages.offer(source && source.slide);
    if (source) setText(find('[data-series-name]'), [source.study_date, source.title].filter(Boolean).join(' · '));
  }

  start() {
    if (this.data.first) this.show(this.data.firstKey);
  }
}

const root = document.querySelector('[data-lightbox]');
if (root) new ViewerPage(root).start();

// The side's tabs; on a phone each is a page, and picture and agenda are two more (styles/room.css).
import { find } from './dom.js';

const PAGES = new Set(['stage', 'agenda']);

export class Tabs {
  constructor(onShow) {
    this.room = find('[data-room]');
    this.tabs = [...this.room.querySelectorAll('[data-page-tab]')];
    this.onShow = onShow;
    for (const tab of this.tabs) tab.addEventListener('click', () => this.show(tab.dataset.pageTab));
    find('.room-tabs').addEventListener('keydown', (event) => this.onKey(event));
    this.wide = window.matchMedia('(min-width: 1024px)');
    this.wide.addEventListener('change', () => this.draw());
    this.draw();
  }

  get tab() {
    return this.room.dataset.tab;
  }

  // Whether a side's tab is in sight.
  sees(name) {
    return this.tab === name && (this.wide.matches || this.room.dataset.page === 'side');
  }

  show(name) {
    if (PAGES.has(name)) this.room.dataset.page = name;
    else {
      this.room.dataset.page = 'side';
      this.room.dataset.tab = name;
    }
    this.draw();
    this.onShow(name);
  }

  draw() {
    const page = this.room.dataset.page;
    const chosen = this.wide.matches || page === 'side' ? this.tab : page;
    for (const tab of this.tabs) {
      tab.setAttribute('aria-selected', String(tab.dataset.pageTab === chosen));
      tab.tabIndex = tab.dataset.pageTab === chosen ? 0 : -1;
      const panel = document.getElementById(`panel-${tab.dataset.pageTab}`);
      if (panel) panel.hidden = tab.dataset.pageTab !== this.tab;
    }
  }

  onKey(event) {
    const seen = this.tabs.filter((tab) => tab.offsetParent !== null);
    const here = seen.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (here < 0 || !step) return;
    event.preventDefault();
    const next = seen[(here + step + seen.length) % seen.length];
    this.show(next.dataset.pageTab);
    next.focus();
  }
}

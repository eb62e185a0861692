// [data-progress-url]: work that goes on elsewhere. Asks how far it is, shows it, and draws the page anew when it comes to a new state.
const PACE = 1000;
const SLOWEST = 10000;

class Progress {
  constructor(box) {
    this.url = box.dataset.progressUrl;
    this.state = box.dataset.progressState;
    this.bar = box.querySelector('[data-progress-bar]');
    this.text = box.querySelector('[data-progress-text]');
    this.pace = PACE;
    this.said = Date.now();
  }

  later() {
    window.setTimeout(() => this.ask(), this.pace);
  }

  async ask() {
    try {
      const response = await fetch(this.url, { credentials: 'same-origin', redirect: 'manual', headers: { Accept: 'application/json' } });
      if (!response.ok) {
        // Signed out, or the server is being restarted: the page itself says which.
        this.pace = SLOWEST;
        if (response.status === 401) window.location.reload();
        else this.later();
        return;
      }
      this.pace = PACE;
      this.show(await response.json());
    } catch {
      this.pace = Math.min(SLOWEST, this.pace * 2);
      this.later();
    }
  }

  show(found) {
    if (found.state !== this.state) {
      window.location.reload();
      return;
    }
    if (found.total && found.state === 'importing') {
      this.bar.max = found.total;
      this.bar.value = found.handled;
    }
    // A screen reader reads each change: not every second.
    if (this.text.textContent !== found.text && (found.waiting || Date.now() - this.said > 3000 || !this.text.textContent)) {
      this.text.textContent = found.text;
      this.said = Date.now();
    }
    this.later();
  }
}

export function start(root) {
  for (const box of root.querySelectorAll('[data-progress-url]')) {
    if (box.dataset.progressStarted) continue;
    box.dataset.progressStarted = 'yes';
    new Progress(box).later();
  }
}

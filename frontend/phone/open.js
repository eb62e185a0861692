// [data-phone-open=URL]: the page that a code opens. The token stands behind the mark of the address, which goes to no server;
// it is sent once, and the address is cleaned of it. What is sent with it lets this phone ask again when the answer was lost.
import { postJson } from '../lib/http.js';
import { onceKey } from '../lib/once.js';

const KEY = 'mdt-phone-key';

function ownKey() {
  let key = sessionStorage.getItem(KEY);
  if (!key) {
    key = onceKey(32);
    sessionStorage.setItem(KEY, key);
  }
  return key;
}

class Opening {
  constructor(element) {
    this.url = element.dataset.phoneOpen;
    this.parts = Object.fromEntries(['opening', 'failed', 'offline'].map((name) => [name, element.querySelector(`[data-phone-${name}]`)]));
    element.querySelector('[data-phone-again]').addEventListener('click', () => this.run());
    // The same tab may be given the next code.
    window.addEventListener('hashchange', () => this.run());
  }

  show(name) {
    for (const [one, part] of Object.entries(this.parts)) part.hidden = one !== name;
  }

  async run() {
    const token = window.location.hash.slice(1);
    if (!token) {
      this.show('failed');
      return;
    }
    this.show('opening');
    let answer;
    try {
      answer = await postJson(this.url, { token, key: ownKey() });
    } catch {
      this.show('offline');
      return;
    }
    window.history.replaceState(null, '', window.location.pathname);
    if (answer.status !== 200) {
      this.show('failed');
      return;
    }
    sessionStorage.removeItem(KEY);
    window.location.replace(answer.body.to);
  }
}

export function start(root) {
  const element = root.querySelector('[data-phone-open]');
  if (element) new Opening(element).run();
}

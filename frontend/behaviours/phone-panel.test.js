import assert from 'node:assert/strict';
import { test } from 'node:test';
import { start } from './phone-panel.js';

const token = { content: 'old', dataset: { user: '7' } };
const panel = { contains: () => false, replaceWith: (fresh) => { panel.fresh = fresh; }, scrollIntoView: () => {} };

globalThis.document = {
  querySelector: () => token,
  querySelectorAll: () => [],
  getElementById: () => panel,
  createElement: () => ({ set innerHTML(markup) { this.content = { firstElementChild: { markup, dispatchEvent: () => {} } }; } }),
};

// The answer of a server that knows only the token of the new sign-in.
globalThis.fetch = async (url, { headers }) => {
  const refused = headers['X-CSRFToken'] === 'old';
  const body = refused ? { error: { code: 'csrf', csrf_token: 'new', user: 7, message: 'Expired' } } : { ok: true, html: `code of ${url}` };
  return { type: 'basic', ok: !refused, status: refused ? 400 : 200, headers: new Headers({ 'content-type': 'application/json' }), json: async () => body };
};

test('who signed in again in another window still gets a code', async () => {
  const button = { disabled: false };
  const form = { action: '/make', dataset: { phoneMake: 'phone-panel' }, querySelector: () => button, addEventListener: (kind, act) => { form.send = act; } };
  start({ querySelectorAll: (selector) => (selector === 'form[data-phone-make]' ? [form] : []) });
  await form.send({ preventDefault: () => {} });
  assert.deepEqual([panel.fresh && panel.fresh.markup, button.disabled], ['code of /make', false]);
});

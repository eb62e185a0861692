import assert from 'node:assert/strict';
import { test } from 'node:test';
import { start } from './contrast.js';

test('the pictures follow what is chosen, and what the browser had kept', () => {
  const shown = { dataset: {} };
  let chosen = () => {};
  const choice = { value: 'strong', dataset: { contrast: '#release' }, addEventListener: (name, act) => { chosen = act; } };
  const root = { querySelectorAll: () => [choice], querySelector: (name) => (name === '#release' ? shown : null) };
  start(root);
  assert.equal(shown.dataset.shownAs, 'strong');
  choice.value = '';
  chosen();
  assert.equal(shown.dataset.shownAs, '');
});

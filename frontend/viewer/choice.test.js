import assert from 'node:assert/strict';
import { test } from 'node:test';

import { chromiumOf, keptIn, whyStills } from './choice.js';

const NEW = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36';
const OLD = NEW.replace('120', '96');
const at = (more) => whyStills({ search: '', kept: null, agent: NEW, wasm: true, ...more });

test('drawn pictures where they are asked for, chosen before, or the engine is too old', () => {
  assert.equal(at({}), null);
  assert.equal(at({ search: '?series=3&stills=1' }), 'asked');
  assert.equal(at({ kept: '1' }), 'kept');
  assert.equal(at({ agent: OLD }), 'old');
  assert.equal(at({ wasm: false }), 'old');
  assert.equal(at({ kept: '0' }), null);
});

test('a thin line decides only where nobody has chosen', () => {
  assert.equal(at({ thin: 'line' }), 'line');
  assert.equal(at({ thin: 'saving' }), 'saving');
  assert.equal(at({ thin: 'line', kept: '0' }), null);
  assert.equal(at({ thin: 'line', search: '?stills=0' }), null);
  assert.equal(at({ thin: 'line', kept: '1' }), 'kept');
  assert.equal(at({ thin: 'line', agent: OLD }), 'old');
});

test('the choice is read among other cookies', () => {
  assert.equal(keptIn('lang=zh; mdt-stills=1; x=2'), '1');
  assert.equal(keptIn('mdt-stills=0'), '0');
  assert.equal(keptIn('not-mdt-stills=1'), null);
  assert.equal(keptIn(''), null);
});

test('the address wins over what was chosen before, but makes no old engine new', () => {
  assert.equal(at({ search: '?stills=0', kept: '1' }), null);
  assert.equal(at({ search: '?stills=0', agent: OLD }), 'old');
});

test('the version of Chromium, or none for other engines', () => {
  assert.equal(chromiumOf(OLD), 96);
  assert.equal(chromiumOf('Mozilla/5.0 Gecko/20100101 Firefox/133.0'), null);
});

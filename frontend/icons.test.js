import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const templates = fileURLToPath(new URL('../mdt/templates', import.meta.url));
const known = new Set(JSON.parse(readFileSync(new URL('icons.json', import.meta.url), 'utf8')));

function used() {
  const names = new Map();
  for (const entry of readdirSync(templates, { recursive: true })) {
    if (!entry.endsWith('.html')) continue;
    const text = readFileSync(`${templates}/${entry}`, 'utf8');
    for (const [, name] of text.matchAll(/\b(?:icon|empty_state)\(\s*'([a-z0-9-]+)'/g)) names.set(name, entry);
  }
  return names;
}

test('every icon that a template names is in the sprite', () => {
  assert.deepEqual([...used()].filter(([name]) => !known.has(name)), []);
});

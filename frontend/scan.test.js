import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesOf, findings } from './scan.mjs';

test('newer functions and rules are found', () => {
  assert.deepEqual(findings('js', 'a.at(-1);structuredClone(x)'), ['.at(', 'structuredClone']);
  assert.deepEqual(findings('css', 'a{height:100dvh}b:has(c){}'), [':has(', '0dvh']);
});

test('what the oldest browser knows passes', () => {
  assert.deepEqual(findings('js', 'a.flat();format(at)'), []);
  assert.deepEqual(findings('css', 'a{height:100vh;color:rgb(0 0 0)}'), []);
});

test('what only one part brings is told from what all bring', () => {
  const manifest = {
    'page.js': { file: 'assets/page.js', isEntry: true, imports: ['_shared.js'], dynamicImports: ['heavy.js'], css: ['assets/page.css'] },
    '_shared.js': { file: 'assets/shared.js' },
    'heavy.js': { file: 'assets/heavy.js', imports: ['_shared.js', '_own.js'], assets: ['assets/worker.js'] },
    '_own.js': { file: 'assets/own.js' },
  };
  assert.deepEqual([...filesOf(manifest, ['page.js'], 'heavy.js')].sort(), ['page.css', 'page.js', 'shared.js']);
  assert.deepEqual([...filesOf(manifest, ['heavy.js'])].sort(), ['heavy.js', 'own.js', 'shared.js', 'worker.js']);
});

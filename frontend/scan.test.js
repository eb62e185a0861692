import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './scan.mjs';

test('newer functions and rules are found', () => {
  assert.deepEqual(findings('js', 'a.at(-1);structuredClone(x)'), ['.at(', 'structuredClone']);
  assert.deepEqual(findings('css', 'a{height:100dvh}b:has(c){}'), [':has(', '0dvh']);
});

test('what the oldest browser knows passes', () => {
  assert.deepEqual(findings('js', 'a.flat();format(at)'), []);
  assert.deepEqual(findings('css', 'a{height:100vh;color:rgb(0 0 0)}'), []);
});

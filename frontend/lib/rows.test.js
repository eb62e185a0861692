import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newKey } from './rows.js';

test('a key has eight small letters or digits, each time others', () => {
  const keys = Array.from({ length: 50 }, () => newKey());
  assert.ok(keys.every((key) => /^[a-z0-9]{8}$/.test(key)));
  assert.equal(new Set(keys).size, 50);
});

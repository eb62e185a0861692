import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Countdown } from './clock.js';

test('a countdown goes by the time that passed, and stops at nothing', () => {
  let now = 5000;
  const left = new Countdown(65, () => now);
  assert.deepEqual([`${left}`, left.over], ['1:05', false]);
  now += 60400;
  assert.equal(`${left}`, '0:05');
  now += 60000;
  assert.deepEqual([`${left}`, left.over], ['0:00', true]);
  left.set(600);
  assert.equal(`${left}`, '10:00');
});

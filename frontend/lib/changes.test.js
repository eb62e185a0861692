import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Changes } from './changes.js';

test('a value waits until it is acknowledged', () => {
  const changes = new Changes();
  changes.change('ecog', '1');
  assert.deepEqual(changes.take(), { ecog: '1' });
  assert.equal(changes.dirty, true);
  changes.acknowledge();
  assert.equal(changes.dirty, false);
});

test('one request at a time, and nothing is no request', () => {
  const changes = new Changes();
  assert.equal(changes.take(), null);
  changes.change('ecog', '1');
  changes.take();
  changes.change('ecog', '2');
  assert.equal(changes.take(), null);
});

test('what was typed during a request is sent by the next one', () => {
  const changes = new Changes();
  changes.change('ecog', '1');
  changes.take();
  changes.change('ecog', '2');
  changes.acknowledge();
  assert.deepEqual(changes.take(), { ecog: '2' });
});

test('after a failed request the newer value wins', () => {
  const changes = new Changes();
  changes.change('ecog', '1');
  changes.change('kps', '90');
  changes.take();
  changes.change('ecog', '2');
  changes.giveBack();
  assert.deepEqual(changes.take(), { ecog: '2', kps: '90' });
});

test('names and values of all that is not acknowledged', () => {
  const changes = new Changes();
  changes.change('ecog', '1');
  changes.take();
  changes.change('kps', '90');
  assert.deepEqual(changes.names.sort(), ['ecog', 'kps']);
  assert.deepEqual(changes.names.map((name) => changes.valueOf(name)).sort(), ['1', '90']);
});

test('a request that is tried again keeps its key, any other has its own', () => {
  const changes = new Changes();
  changes.change('ecog', '1');
  changes.take();
  const first = changes.key;
  changes.giveBack();
  changes.take();
  assert.equal(changes.key, first);
  changes.change('kps', '90');
  changes.giveBack();
  changes.take();
  const second = changes.key;
  assert.notEqual(second, first);
  changes.acknowledge();
  changes.change('ecog', '1');
  changes.change('kps', '90');
  changes.take();
  assert.notEqual(changes.key, second);
});

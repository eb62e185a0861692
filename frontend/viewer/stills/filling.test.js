import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Filling } from './filling.js';

const URLS = Array.from({ length: 40 }, (_, place) => String(place));

function begin(given = {}) {
  const asked = [];
  const filling = new Filling({ fetchOne: async (url) => asked.push(url), shown: async () => {}, ...given });
  return { filling, asked };
}

test('a few over the whole series, key images among the first, then all, each once', async () => {
  const { filling, asked } = begin();
  await filling.run(URLS, { start: 20, keys: [5] });
  assert.deepEqual(asked.slice(0, 5), ['20', '5', '0', '16', '32']);
  assert.deepEqual([...asked].sort(), [...URLS].sort());
});

test('another window begins anew and leaves what was begun', async () => {
  const { filling, asked } = begin();
  const first = filling.run(URLS);
  const second = filling.run(['a', 'b']);
  await Promise.all([first, second]);
  assert.deepEqual(asked.slice(-2), ['a', 'b']);
  assert.ok(asked.length <= 3);
});

test('what cannot be fetched holds nobody up', async () => {
  const came = [];
  const filling = new Filling({
    fetchOne: async (url) => {
      if (url === 'b') throw new Error('down');
    },
    shown: async () => {},
    onCame: (n, all) => came.push(`${n}/${all}`),
  });
  await filling.run(['a', 'b', 'c']);
  assert.deepEqual(came, ['1/3', '2/3']);
});

test('it waits for the picture that is looked at', async () => {
  let free;
  const { filling, asked } = begin({ shown: () => new Promise((resolve) => { free = resolve; }) });
  filling.run(URLS);
  await Promise.resolve();
  assert.deepEqual(asked, []);
  free();
  await new Promise((resolve) => { setTimeout(resolve); });
  assert.deepEqual(asked, ['0']);
  filling.stop();
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Preparation, addressesOf } from './preparation.js';

const CASES = [
  { case: 7, number: 'A', pictures: 'p7', total: 3, ready: 0, series: [{ id: 1, count: 2, address: '/a/{n}.jpg?v=2' }, { id: 2, count: 1, address: '/b/{n}.jpg?v=1' }] },
  { case: 8, number: 'B', pictures: 'p8', total: 1, ready: 1, series: [{ id: 3, count: 1, address: '/c/{n}.jpg?v=1' }] },
];

function begin(answer = () => 200) {
  const seen = { asked: [], told: [], steps: [] };
  const job = new Preparation({
    cases: CASES,
    fetchPicture: async (url) => {
      seen.asked.push(url);
      return answer(url, seen.asked.length);
    },
    report: async (one) => seen.told.push(one),
    view: ({ step, ready }) => seen.steps.push(`${step} ${ready}`),
    wait: async () => {},
  });
  return { job, seen };
}

test('addresses of a case: where one begins first, each once', () => {
  assert.deepEqual(addressesOf(CASES[0]), ['/a/1.jpg?v=2', '/a/2.jpg?v=2', '/b/1.jpg?v=1']);
});

test('every picture is fetched once, and each case told of', async () => {
  const { job, seen } = begin();
  await job.start();
  assert.deepEqual(seen.asked, ['/a/1.jpg?v=2', '/a/2.jpg?v=2', '/b/1.jpg?v=1', '/c/1.jpg?v=1']);
  // The server knows of the second case already.
  assert.deepEqual(seen.told, [{ case: 7, pictures: 'p7', ready: 3 }]);
  assert.equal(seen.steps[seen.steps.length - 1], 'done 4');
});

test('a pause holds it, and it goes on with the rest', async () => {
  const { job, seen } = begin();
  const first = job.start();
  job.pause();
  await first;
  assert.equal(job.step, 'paused');
  assert.equal(seen.asked.length, 2);
  assert.deepEqual(seen.told, [{ case: 7, pictures: 'p7', ready: 2 }]);
  await job.start();
  assert.equal(seen.asked.length, 4);
  assert.equal(job.step, 'done');
});

test('a page that begins again tells no less before all was tried', async () => {
  const { job, seen } = begin();
  job.cases[0].told = 3;
  const first = job.start();
  job.pause();
  await first;
  assert.deepEqual(seen.told, []);
});

test('what the server refuses is left out and not called ready', async () => {
  const { job, seen } = begin((url) => (url.startsWith('/b') ? 404 : 200));
  await job.start();
  assert.equal(seen.steps[seen.steps.length - 1], 'some 3');
  assert.deepEqual(seen.told, [{ case: 7, pictures: 'p7', ready: 2 }]);
});

test('a broken line is waited for', async () => {
  const { job, seen } = begin((url, times) => {
    if (times === 1) throw new Error('down');
    return 200;
  });
  await job.start();
  assert.equal(seen.asked.length, 5);
  assert.equal(job.step, 'done');
  assert.ok(seen.steps.some((step) => step.startsWith('waiting')));
});

test('a server in trouble is asked a few times', async () => {
  const { job, seen } = begin((url) => (url.startsWith('/c') ? 503 : 200));
  await job.start();
  assert.equal(seen.asked.filter((url) => url.startsWith('/c')).length, 3);
  assert.equal(job.step, 'some');
});

test('a session that is over ends it', async () => {
  const { job, seen } = begin(() => 401);
  await job.start();
  assert.equal(job.step, 'signedout');
  assert.ok(seen.asked.length <= 2);
  assert.deepEqual(seen.told, []);
});

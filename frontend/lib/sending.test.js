import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { file, gone, page, Server } from './testing/tus-server.js';

const one = (content = file('a.pdf', 'abcdef')) => [{ file: content, name: content.name, size: content.size }];
const csrf = (user) => ({ status: 400, body: { error: { code: 'csrf', csrf_token: 'new', user } } });
const code = ({ body }) => body.results[0].code;

let server;
beforeEach(() => {
  server = new Server();
  page.content = 'old';
});

test('a file is sent and taken; picked again it was there, also on the same page', async () => {
  assert.deepEqual([code(await server.sendingOf(one()).run()), code(await server.sendingOf(one()).run())], ['taken', 'duplicate']);
  assert.deepEqual(server.log, ['POST /uploads', 'PATCH 0+6', 'POST /take', 'HEAD /uploads/1', 'POST /take']);
});

test('an answer that was lost on the way comes as it was', async () => {
  server.meddle = (method, url) => {
    if (url === '/take') throw new Error('cut');
  };
  const content = one(file('lost.pdf', 'xyz'));
  await assert.rejects(server.sendingOf(content).run());
  server.meddle = () => null;
  assert.equal(code(await server.sendingOf(content).run()), 'taken');
});

test('a session that ended is told as such, and the upload keeps its address', async () => {
  const content = one(file('long.pdf', 'abcdef'));
  server.meddle = (method) => {
    if (method === 'PATCH') throw new Error('cut');
  };
  await assert.rejects(server.sendingOf(content).run());
  server.meddle = () => ({ status: 401 });
  assert.equal((await server.sendingOf(content).run()).status, 401);
  server.meddle = () => null;
  assert.equal(code(await server.sendingOf(content).run()), 'taken');
  assert.equal(server.uploads.size, 1);
});

test('an upload that is gone begins anew', async () => {
  const content = one(file('gone.pdf', 'abcdef'));
  server.meddle = (method) => {
    if (method === 'PATCH') throw new Error('cut');
  };
  await assert.rejects(server.sendingOf(content).run());
  server.uploads.set('/uploads/2', server.uploads.get('/uploads/1'));
  server.uploads.delete('/uploads/1');
  server.meddle = () => null;
  assert.equal((await server.sendingOf(content).run()).status, 200);
});

for (const method of ['POST', 'PATCH']) {
  test(`the token of a new sign-in is taken where ${method} is refused, for the same person only`, async () => {
    const answerFor = (user) => (asked, url, { headers }) => (asked === method && headers['X-CSRFToken'] === 'old' ? csrf(user) : null);
    server.meddle = answerFor(8);
    assert.deepEqual(await server.sendingOf(one(file(method, 'x'))).run(), { status: 401, body: {} });
    server.meddle = answerFor(7);
    assert.equal((await server.sendingOf(one(file(method, 'x'))).run()).status, 200);
    assert.equal(page.content, 'new');
  });
}

test('a token that no longer fits when the whole is taken is replaced, too', async () => {
  server.meddle = (method, url, { headers }) => (url === '/take' && headers['X-CSRFToken'] === 'old' ? csrf(7) : null);
  assert.equal(code(await server.sendingOf(one(file('last.pdf', 'x'))).run()), 'taken');
});

test('what cannot be read is found where the sending stood, and what can be read is not', async () => {
  server.meddle = (method) => {
    if (method === 'PATCH') throw new Error('cut');
  };
  const [bad] = one(await gone('ejected.zip'));
  const [good] = one(file('good.pdf', 'x'));
  for (const [batch, found] of [[[bad], [bad]], [[good], []], [[good, bad], [bad]]]) {
    const sending = server.sendingOf(batch);
    await assert.rejects(sending.run());
    assert.deepEqual(await sending.unreadable(), found);
  }
});

// Last: what a page learned of the way stays with it.
test('parts are halved down to 64 KiB where bodies are refused for their size, then the refusal stands', async () => {
  server.meddle = (method, url, { size }) => (size > 1024 * 1024 ? { status: 413 } : null);
  const answer = await server.sendingOf(one(file('large.zip', 'x'.repeat(3 * 1024 * 1024)))).run();
  assert.deepEqual([answer.status, server.uploads.get('/uploads/1').offset], [200, 3 * 1024 * 1024]);
  server.log.length = 0;
  server.meddle = (method) => (method === 'PATCH' ? { status: 413 } : null);
  assert.equal((await server.sendingOf(one(file('none.zip', 'x'.repeat(2 ** 20)))).run()).status, 413);
  const sizes = server.log.filter((line) => line.startsWith('PATCH')).map((line) => Number(line.split('+')[1]) / 1024);
  assert.deepEqual(sizes, [1024, 512, 256, 128, 64]);
});

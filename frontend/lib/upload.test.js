import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundle, tarHeader } from './bundle.js';
import { fingerprint, inMemory, UploadStore } from './upload-store.js';

const named = (name, text, lastModified = 1) => ({ name, file: Object.assign(new Blob([text]), { name, lastModified }) });

test('a bundle is a tar of names and contents', async () => {
  const bytes = Buffer.from(await bundle([named('张三.dcm', 'abc'), named('b.dcm', '')]).arrayBuffer());
  assert.equal(bytes.length % 512, 0);
  assert.equal(bytes.toString('latin1', 0, 10), 'names.json');
  const names = '["张三.dcm","b.dcm"]';
  assert.equal(bytes.toString('utf8', 512, 512 + Buffer.byteLength(names)), names);
  assert.deepEqual([bytes.toString('latin1', 1024, 1025), bytes.toString('latin1', 1536, 1539)], ['0', 'abc']);
  assert.deepEqual([bytes.toString('latin1', 2048, 2049), bytes.length], ['1', 2048 + 512 + 1024]);
});

test('a header adds up to its own sum', () => {
  const header = tarHeader('0', 8589934591);
  const sum = parseInt(Buffer.from(header).toString('latin1', 148, 154), 8);
  header.fill(32, 148, 156);
  assert.equal(header.reduce((total, byte) => total + byte, 0), sum);
});

test('the same files have the same fingerprint, others another', () => {
  const items = [named('a', '1'), named('b', '22')];
  const print = fingerprint('/cases/1/uploads', items);
  assert.equal(fingerprint('/cases/1/uploads', [named('a', '9'), named('b', '33')]), print);
  for (const [url, others] of [
    ['/cases/2/uploads', items],
    ['/cases/1/uploads', [named('a', '1', 2), named('b', '22')]],
    ['/cases/1/uploads', [named('a', '1'), named('b', '333')]],
    ['/cases/1/uploads', [items[0]]],
  ]) assert.notEqual(fingerprint(url, others), print);
});

test('only addresses are kept, and for a week', async () => {
  let now = 1e12;
  const storage = inMemory();
  const store = new UploadStore(storage, () => now);
  const key = await store.addUpload('f00', { uploadUrl: '/u/1', size: 3, metadata: { filename: '张三.dcm' } });
  assert.equal(storage.getItem(key), '{"uploadUrl":"/u/1","creationTime":"2001-09-09T01:46:40.000Z"}');
  assert.deepEqual((await store.findUploadsByFingerprint('f00')).map((one) => one.uploadUrl), ['/u/1']);
  assert.deepEqual(await store.findUploadsByFingerprint('f0'), []);
  now += 8 * 24 * 60 * 60 * 1000;
  assert.deepEqual([await store.findAllUploads(), storage.length], [[], 0]);
});

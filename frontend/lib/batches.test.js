import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcome, pairResults, takeBatch } from './batches.js';

const sized = (...sizes) => sizes.map((size, index) => ({ name: `${index}`, size }));

for (const [what, sizes, limits, expected] of [
  ['up to the number of files', [1, 1, 1], { files: 2, bytes: 100 }, [2, 1]],
  ['up to the amount', [60, 40, 1], { files: 16, bytes: 100 }, [2, 1]],
  ['a big file goes alone', [500, 1], { files: 16, bytes: 100 }, [1, 1]],
  ['a big file waits for its turn', [1, 500, 1], { files: 16, bytes: 100 }, [1, 1, 1]],
  ['nothing', [], { files: 16, bytes: 100 }, []],
]) {
  test(`groups: ${what}`, () => {
    const queue = sized(...sizes);
    const counts = [];
    while (queue.length) counts.push(takeBatch(queue, limits).length);
    assert.deepEqual(counts, expected);
  });
}

test('results belong to files by place, so that equal names in two folders are told apart', () => {
  const batch = [{ name: 'IM1' }, { name: 'IM1' }];
  const results = [{ name: 'IM1', ok: true, code: 'taken' }, { name: 'IM1', ok: false, code: 'not_dicom' }];
  assert.deepEqual(pairResults(batch, results).map(([, result]) => outcome(result)), ['taken', 'refused']);
});

test('a file without an answer is not called stored', () => {
  assert.deepEqual(pairResults([{ name: 'a' }, { name: 'b' }], [{ name: 'b', ok: true, code: 'duplicate' }]).map(([, result]) => outcome(result)), ['refused', 'there']);
});

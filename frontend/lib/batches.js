// Many small requests drown in latency, one big one loses everything when the line drops: so files go in small groups.
export const LIMITS = { files: 16, bytes: 8 * 1024 * 1024 };

// Takes the next group off the front of `queue` (items with `size`); a file over the limit goes alone.
export function takeBatch(queue, limits = LIMITS) {
  const batch = [];
  let total = 0;
  while (queue.length && batch.length < limits.files) {
    if (batch.length && total + queue[0].size > limits.bytes) break;
    const item = queue.shift();
    batch.push(item);
    total += item.size;
  }
  return batch;
}

// Answers come in the order that was sent; the name only helps where a server left one out.
export function pairResults(batch, results) {
  if (results.length === batch.length) return batch.map((item, index) => [item, results[index]]);
  return batch.map((item) => [item, results.find((result) => result.name === item.name)]);
}

export function outcome(result) {
  if (result && (result.code === 'disc_directory' || result.code === 'disc_viewer')) return 'skipped';
  if (!result || !result.ok) return 'refused';
  if (result.code === 'quarantined') return 'held';
  return result.code === 'duplicate' || result.code === 'refiled' ? 'there' : 'taken';
}

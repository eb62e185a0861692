// Whether the pictures of a series make a volume, so that it can be cut in other directions. Pure.
import { cross, dot, length, minus, unit } from '../camera.js';

const LEAST = 8;
const MOST_PIXELS = 300 * 512 * 512;
const ALIKE = 0.001;
const EVEN = 0.05;

// Why not: the key of a sentence, or nothing. `planes` as source.js gives them, in the order of the series; `room` is what the PC can bear.
export function whyNoVolume(planes, { positioned, color, processor, gigabytes }) {
  if (processor) return 'reformat.processor';
  if (!positioned || color || planes.length < LEAST) return 'reformat.no_volume';
  const [first] = planes;
  const pixels = planes.length * first.columns * first.rows;
  if (pixels > MOST_PIXELS * (gigabytes >= 8 ? 2 : 1)) return 'reformat.too_large';
  if (gigabytes < 4) return 'reformat.thin';
  return regular(planes) ? null : 'reformat.irregular';
}

// Parallel pictures of one size, one behind the other at even distances. Those of a tilted gantry slide sideways and are none.
function regular(planes) {
  const [first] = planes;
  const normal = unit(cross(first.row, first.column));
  const same = planes.every((one) => one.columns === first.columns && one.rows === first.rows
    && length(minus(one.row, first.row)) < ALIKE * 10 && length(minus(one.column, first.column)) < ALIKE * 10
    && Math.abs(one.spacing[0] - first.spacing[0]) < ALIKE && Math.abs(one.spacing[1] - first.spacing[1]) < ALIKE);
  if (!same) return false;
  const origins = planes.map(({ origin }) => origin).sort((a, b) => dot(a, normal) - dot(b, normal));
  const steps = origins.slice(1).map((origin, at) => minus(origin, origins[at]));
  const gaps = steps.map((step) => dot(step, normal));
  const middle = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 2)];
  if (middle <= 0) return false;
  return steps.every((step, at) => Math.abs(gaps[at] - middle) <= middle * EVEN && Math.abs(length(step) - gaps[at]) <= middle * 0.01);
}

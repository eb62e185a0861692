import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planDisc } from './disc.js';

const RULES = { programs: ['dll', 'exe', 'htm', 'inf'], papers: ['jpg', 'pdf'] };
const plan = (...paths) => {
  const { wanted, left } = planDisc(paths.map((path) => ({ path })), RULES);
  return [wanted.map((one) => one.path), left.map((one) => one.path)];
};

test('a disc: its images and papers, the directory last, the viewer left out', () => {
  assert.deepEqual(
    plan('CD/DICOMDIR', 'CD/autorun.inf', 'CD/DICOM/PAT1/IM1', 'CD/报告.pdf', 'CD/VIEWER/v.exe', 'CD/VIEWER/help/manual.pdf', 'CD/VIEWER/x.dcm'),
    [['CD/DICOM/PAT1/IM1', 'CD/报告.pdf', 'CD/VIEWER/x.dcm', 'CD/DICOMDIR'], ['CD/autorun.inf', 'CD/VIEWER/v.exe', 'CD/VIEWER/help/manual.pdf']],
  );
});

test('without a directory nothing is a viewer', () => {
  assert.deepEqual(plan('a/v.exe', 'a/b.pdf'), [['a/v.exe', 'a/b.pdf'], []]);
});

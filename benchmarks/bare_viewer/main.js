// The least that shows a series by Cornerstone3D: what our viewer is measured beside (benchmarks/viewer.py).
import * as core from '@cornerstonejs/core';
import { init as startLoader, wadors } from '@cornerstonejs/dicom-image-loader';

const series = new URLSearchParams(window.location.search).get('series');
const element = document.getElementById('picture');

async function start() {
  core.init();
  startLoader({ maxWebWorkers: 1 });
  const answer = await fetch(`${series}/metadata`, { headers: { Accept: 'application/dicom+json' } });
  const ids = (await answer.json()).map((header) => {
    const id = `wadors:${window.location.origin}${series}/instances/${header['00080018'].Value[0]}/frames/1`;
    wadors.metaDataManager.add(id, header);
    return id;
  });
  const engine = new core.RenderingEngine('bare');
  engine.setViewports([{ viewportId: 'one', type: core.Enums.ViewportType.STACK, element }]);
  const viewport = engine.getViewport('one');
  await viewport.setStack(ids, 0);
  viewport.render();
  window.page = (by) => viewport.setImageIdIndex(viewport.getCurrentImageIdIndex() + by).then(() => viewport.render());
}

start();

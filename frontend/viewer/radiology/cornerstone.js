// Cornerstone3D, started once for a page: drawing by the graphics card where there is one, else by the processor.
import * as core from '@cornerstonejs/core';
import { init as startLoader, wadors } from '@cornerstonejs/dicom-image-loader';
import * as tools from '@cornerstonejs/tools';

export { core, tools, wadors };

const ENGINE = 'mdt';
const MEGABYTE = 1024 * 1024;

let engine = null;

// How much may be kept decoded: a thin PC has 4 GB for everything.
function cacheBytes() {
  const gigabytes = navigator.deviceMemory || 4;
  return (gigabytes >= 8 ? 1024 : gigabytes >= 4 ? 512 : 256) * MEGABYTE;
}

export function startCornerstone({ cpu = false } = {}) {
  if (engine) return engine;
  // One context is enough: panes are drawn one after the other and copied.
  core.init({ rendering: { useCPURendering: cpu, webGlContextCount: 1 } });
  startLoader({ maxWebWorkers: Math.max(1, Math.min(3, (navigator.hardwareConcurrency || 2) - 1)) });
  core.cache.setMaxCacheSize(cacheBytes());
  tools.init();
  engine = new core.RenderingEngine(ENGINE);
  return engine;
}

export function drawsByProcessor() {
  return core.getShouldUseCPURendering();
}

// The radiology engine: loaded only where it is used, by engines from Chromium 97 on (WebAssembly under our content security policy).
export { startCornerstone } from './cornerstone.js';
export { RadiologyPane } from './pane.js';
export { Toolbox } from './toolbox.js';

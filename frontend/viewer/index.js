import { start } from '../behaviours/series-viewer.js';

start(document);

// The viewer page: for now the plain previewer; the imaging viewer takes its place.
import '../styles/room.css';
import '../styles/viewer.css';
import { start } from '../behaviours/series-viewer.js';

start(document);

// The keys page from the start, without a click on the image.
const stage = document.querySelector('[data-series-stage]');
if (stage) stage.focus();

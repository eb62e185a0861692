// The viewer page: for now the plain previewer; the imaging viewer takes its place.
import '../styles/viewer.css';
import { start } from '../behaviours/series-viewer.js';

start(document);

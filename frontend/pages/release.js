import '../styles/viewer.css';
import '../styles/contrast.css';
import { start as startContrast } from '../behaviours/contrast.js';
import { start } from '../behaviours/series-viewer.js';

start(document);
startContrast(document);

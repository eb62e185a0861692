import '../styles/regions.css';
import '../styles/contrast.css';
import { start as startContrast } from '../behaviours/contrast.js';
import { start } from '../behaviours/regions.js';

start(document);
startContrast(document);

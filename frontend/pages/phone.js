import '../styles/regions.css';
import '../styles/phone.css';
import { start as startCapture } from '../phone/capture.js';
import { start as startOpening } from '../phone/open.js';

startOpening(document);
startCapture(document);

// Pictures on their way to the server: read upright, straightened, blacked out, drawn anew. What was covered never leaves the phone.
import { sheetSize, straighten, whole } from '../lib/straighten.js';

// A sheet of A4 at 250 dots an inch; older phones draw no larger canvas.
const LONGEST = 3000;
const QUALITY = 0.9;

function blank(width, height) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

// The file as a canvas, upright as its camera noted, no side longer than LONGEST. Rejects what is no picture.
export async function readPicture(file) {
  const image = new Image();
  const url = URL.createObjectURL(file);
  try {
    image.src = url;
    await image.decode();
    const { naturalWidth, naturalHeight } = image;
    const scale = Math.min(1, LONGEST / Math.max(naturalWidth, naturalHeight));
    const canvas = blank(Math.max(1, Math.round(naturalWidth * scale)), Math.max(1, Math.round(naturalHeight * scale)));
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas;
  } finally {
    URL.revokeObjectURL(url);
  }
}

// A quarter to the right.
export function turnPicture(canvas) {
  const turned = blank(canvas.height, canvas.width);
  const brush = turned.getContext('2d');
  brush.translate(canvas.height, 0);
  brush.rotate(Math.PI / 2);
  brush.drawImage(canvas, 0, 0);
  return turned;
}

export function straightened(canvas, corners) {
  const edges = whole(canvas);
  if (corners.every(({ x, y }, place) => x === edges[place].x && y === edges[place].y)) return canvas;
  const source = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const { data, width, height } = straighten(source, corners, sheetSize(corners, LONGEST));
  const sheet = blank(width, height);
  sheet.getContext('2d').putImageData(new ImageData(data, width, height), 0, 0);
  return sheet;
}

export function blackedOut(canvas, regions) {
  const covered = blank(canvas.width, canvas.height);
  const brush = covered.getContext('2d');
  brush.drawImage(canvas, 0, 0);
  brush.fillStyle = '#000';
  for (const { x, y, width, height } of regions) brush.fillRect(x, y, width, height);
  return covered;
}

export function toJpeg(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/jpeg', QUALITY);
  });
}

// Draws the picture into a small canvas of the page.
export function thumbnail(canvas, into) {
  const scale = Math.min(into.width / canvas.width, into.height / canvas.height);
  const [width, height] = [canvas.width * scale, canvas.height * scale];
  const brush = into.getContext('2d');
  brush.clearRect(0, 0, into.width, into.height);
  brush.drawImage(canvas, (into.width - width) / 2, (into.height - height) / 2, width, height);
}

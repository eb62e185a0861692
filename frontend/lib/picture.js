// A picture shown in a box of another shape.

// Where the picture itself lies in its box: it keeps its shape and is centred.
export function pictureBox(width, height, naturalWidth, naturalHeight) {
  if (!naturalWidth || !naturalHeight) return { left: 0, top: 0, width, height };
  const scale = Math.min(width / naturalWidth, height / naturalHeight);
  const shown = { width: naturalWidth * scale, height: naturalHeight * scale };
  return { left: (width - shown.width) / 2, top: (height - shown.height) / 2, ...shown };
}

// Puts a layer exactly over the picture, whatever room that leaves in its box.
export function layOver(layer, image) {
  const { offsetLeft, offsetTop, offsetWidth, offsetHeight, naturalWidth, naturalHeight } = image;
  const box = pictureBox(offsetWidth, offsetHeight, naturalWidth, naturalHeight);
  layer.style.left = `${offsetLeft + box.left}px`;
  layer.style.top = `${offsetTop + box.top}px`;
  layer.style.width = `${box.width}px`;
  layer.style.height = `${box.height}px`;
}

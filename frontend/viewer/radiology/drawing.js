// Marks as annotations of Cornerstone: drawn by its tools, measured by the server. What is kept can't be changed there: who moves a mark
// makes another one, and the old one is struck out.
import { minus, times, dot, add } from '../camera.js';
import { linesOf } from '../marks.js';
import { tools } from './cornerstone.js';
import { placed, planeOf } from './source.js';

export const DRAWN = { length: tools.LengthTool, angle: tools.AngleTool, ellipse: tools.EllipticalROITool, rectangle: tools.RectangleROITool, arrow: tools.ArrowAnnotateTool };

const KINDS = new Map(Object.entries(DRAWN).map(([kind, tool]) => [tool.toolName, kind]));
const { state: annotations, locking } = tools.annotation;

// Cornerstone's own undo knows nothing of what the server keeps.
export function settingsOf(kind, { askArrow }) {
  if (kind === 'arrow') return { actions: {}, getTextCallback: (done) => askArrow(done), changeTextCallback: () => {}, arrowHeadStyle: 'standard' };
  return { actions: {}, getTextLines: (data) => (data.mark ? linesOf(data.mark) : ['…']) };
}

export function kindOf(annotation) {
  return KINDS.get(annotation.metadata.toolName);
}

// Points as they are kept: of the patient where the picture has a place there, else column and row of its pixels.
export function pointsToKeep(points, picture) {
  if (placed(picture).world) return points.map((point) => [...point]);
  const { origin, row, column, spacing } = planeOf(picture.id);
  return points.map((point) => {
    const off = minus([...point], origin);
    return [dot(off, row) / spacing[0], dot(off, column) / spacing[1], 0];
  });
}

export function pointsToDraw(points, picture) {
  if (placed(picture).world) return points.map((point) => [...point]);
  const { origin, row, column, spacing } = planeOf(picture.id);
  return points.map(([c, r]) => add(add(origin, times(row, c * spacing[0])), times(column, r * spacing[1])));
}

const idOf = (mark) => `mark-${mark.id}`;

function annotationOf(mark, pane, picture) {
  const { viewPlaneNormal, viewUp } = pane.viewport.getCamera();
  return {
    annotationUID: idOf(mark), highlighted: false, invalidated: true, isLocked: false, isVisible: true,
    metadata: { toolName: DRAWN[mark.kind].toolName, viewPlaneNormal: [...viewPlaneNormal], viewUp: [...viewUp], FrameOfReferenceUID: pane.viewport.getFrameOfReferenceUID(), referencedImageId: picture.id },
    data: {
      mark, text: mark.text, label: mark.text, cachedStats: {},
      handles: { points: pointsToDraw(mark.points, picture), activeHandleIndex: null, arrowFirst: true, textBox: { hasMoved: false, worldPosition: [0, 0, 0], worldBoundingBox: { topLeft: [0, 0, 0], topRight: [0, 0, 0], bottomLeft: [0, 0, 0], bottomRight: [0, 0, 0] } } },
    },
  };
}

// Draws the marks of a pane's series; `own(mark)` may be moved by this person.
export function drawMarks(pane, list, own) {
  for (const mark of list) {
    const picture = pane.view.pictures.find(({ uid, frame }) => uid === mark.image && frame === (mark.frame || 1));
    if (!picture || annotations.getAnnotation(idOf(mark))) continue;
    annotations.addAnnotation(annotationOf(mark, pane, picture), pane.parts.picture);
    locking.setAnnotationLocked(idOf(mark), !own(mark));
  }
}

// Takes away what is no longer there, of all series.
export function dropOthers(list) {
  const there = new Set(list.filter((mark) => !mark.struck).map(idOf));
  for (const annotation of annotations.getAllAnnotations()) {
    if (annotation.data.mark && !there.has(annotation.annotationUID)) annotations.removeAnnotation(annotation.annotationUID);
  }
}

export function remove(annotation) {
  annotations.removeAnnotation(annotation.annotationUID);
}

// A label may be that of a moment before where two panes show the same picture: drawn once more, everywhere.
export function drawAgain(panes) {
  tools.utilities.triggerAnnotationRenderForViewportIds([...panes].filter((pane) => pane.ready).map(({ id }) => id));
}


// The tools of the mouse, shared by the panes of a page: one on the left button, moving on the middle, zooming on the right.
import { tools } from './cornerstone.js';

const GROUP = 'mdt-tools';

const HAND = { window: tools.WindowLevelTool, pan: tools.PanTool, zoom: tools.ZoomTool, scroll: tools.StackScrollTool };

let added = false;

export class Toolbox {
  constructor({ engine, say }) {
    this.engine = engine;
    this.say = say;
    this.panes = new Set();
    if (!added) for (const tool of Object.values(HAND)) tools.addTool(tool);
    added = true;
    this.group = tools.ToolGroupManager.getToolGroup(GROUP) || tools.ToolGroupManager.createToolGroup(GROUP);
    for (const tool of Object.values(HAND)) this.group.addTool(tool.toolName);
    this.choose('window');
  }

  choose(name) {
    const { MouseBindings } = tools.Enums;
    this.chosen = name;
    for (const tool of Object.values(HAND)) this.group.setToolPassive(tool.toolName, { removeAllBindings: true });
    const bound = new Map();
    const bind = (tool, binding) => bound.set(tool, [...(bound.get(tool) || []), binding]);
    bind(HAND[name], { mouseButton: MouseBindings.Primary });
    bind(tools.PanTool, { mouseButton: MouseBindings.Auxiliary });
    bind(tools.ZoomTool, { mouseButton: MouseBindings.Secondary });
    bind(tools.ZoomTool, { numTouchPoints: 2 });
    for (const [tool, bindings] of bound) this.group.setToolActive(tool.toolName, { bindings });
  }

  join(pane) {
    this.panes.add(pane);
    this.group.addViewport(pane.id, this.engine.id);
    pane.parts.picture.addEventListener('contextmenu', (event) => event.preventDefault());
  }

  leave(pane) {
    this.panes.delete(pane);
    this.group.removeViewports(this.engine.id, pane.id);
  }

  opened() {}

  showMarks() {}
}


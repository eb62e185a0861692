// The live room; its modules are connection, state and render.

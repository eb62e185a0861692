// Stands for modules of Node.js that browsers do without (vite.config.mjs).
export default {};

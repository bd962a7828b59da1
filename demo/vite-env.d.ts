/** Vite's own imports: `?raw`, `import.meta.env`. */
/// <reference types="vite/client" />

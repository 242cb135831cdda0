import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const here = import.meta.dirname;

/** Each page is `<name>.html` with its own entry; the service serves `/desk` from `build/web/desk.html`. */
const PAGES: Record<string, string> = {
  index: 'sign-in/main.tsx',
  desk: 'desk/main.tsx',
  portal: 'portal/main.tsx',
  admin: 'admin/main.tsx',
  wallboard: 'wallboard/main.tsx',
  oversight: 'oversight/main.tsx',
};
const built = Object.entries(PAGES).filter(([, entry]) => existsSync(resolve(here, entry)));

/** The development server answers `/desk` with `desk.html`, as the service does. */
const pagesWithoutSuffix: Plugin = {
  name: 'pages-without-suffix',
  configureServer(server) {
    server.middlewares.use((request, _response, next) => {
      const path = request.url?.split(/[?#]/)[0] ?? '';
      if (path.slice(1) in PAGES) request.url = `${path}.html`;
      next();
    });
  },
};

const service = 'http://127.0.0.1:8012';

export default defineConfig({
  root: here,
  base: '/',
  appType: 'mpa',
  plugins: [react(), pagesWithoutSuffix],
  build: {
    outDir: resolve(here, '../../build/web'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2500,
    rolldownOptions: {
      input: Object.fromEntries(built.map(([name]) => [name, resolve(here, `${name}.html`)])),
    },
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': service,
      '/socket.io': { target: service, ws: true },
      '/phone': { target: service, ws: true },
    },
  },
});

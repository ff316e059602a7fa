import { fork } from 'node:child_process';
import { defineConfig } from 'vite';

const API = 'http://127.0.0.1:8480';

/** While `vite` serves the page, the owner of the model and the dealer run beside it. */
const owner = {
  name: 'owner',
  apply: 'serve',
  configureServer({ httpServer }) {
    const child = fork('./server.mjs', { stdio: 'inherit' });
    httpServer?.once('close', () => child.kill());
  },
};

export default defineConfig({
  plugins: [owner],
  server: { host: '127.0.0.1', port: 8481, proxy: { '/api': API } },
  build: { target: 'es2022', modulePreload: false, assetsInlineLimit: 0 },
  // Vite would put the client elsewhere, and its worker would not be found there.
  optimizeDeps: { exclude: ['tacit', '@tacit/service'] },
});

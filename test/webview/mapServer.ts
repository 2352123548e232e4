import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { mapHtml } from '../../src/editor/map/mapHtml.ts';
import { mapWords } from '../../src/protocol/mapWords.ts';

const files = path.resolve(import.meta.dirname, '../../dist/map');
const types: Record<string, string> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.png': 'image/png',
};

/** Serves the built page under the policy the editor gives it, and whatever a test adds. */
export class MapServer {
  readonly #server: Server;
  /** Answers of addresses a test made up, such as tiles. */
  readonly extra = new Map<string, { status: number; type: string; body: Buffer | string }>();
  words: Record<string, string> = { ...mapWords };
  units: 'metric' | 'us' = 'metric';
  restore: unknown;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request.url ?? '/').then(({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type });
        response.end(body);
      });
    });
  }

  static async start(): Promise<MapServer> {
    const server = new MapServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(url: string): Promise<{ status: number; type: string; body: Buffer | string }> {
    const { pathname } = new URL(url, this.origin);
    const extra = this.extra.get(pathname);
    if (extra) return extra;
    if (pathname === '/') return { status: 200, type: 'text/html', body: this.#page() };
    try {
      const body = await readFile(path.join(files, path.basename(pathname)));
      return { status: 200, type: types[path.extname(pathname)] ?? 'application/octet-stream', body };
    } catch {
      return { status: 404, type: 'text/plain', body: 'not here' };
    }
  }

  /** What the panel would load. */
  #page(): string {
    const { origin } = this;
    const settings = {
      workerUri: `${origin}/maplibre-gl-worker.mjs`,
      basemapUri: `${origin}/basemap.json`,
      words: this.words,
      locale: 'en',
      units: this.units,
      ...(this.restore === undefined ? {} : { restore: this.restore }),
    };
    return mapHtml({
      title: 'Map',
      locale: 'en',
      nonce: 'bm9uY2U',
      cspSource: origin,
      tileHosts: [],
      scriptUri: `${origin}/map.js`,
      styleUri: `${origin}/map.css`,
      settings,
    });
  }
}

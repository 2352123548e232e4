import type { Connection, ConnectionOptions, HttpClient } from '../../aws/connection.ts';
import type { PublicHttp } from '../../aws/publicHttp.ts';
import type { LoadBackend } from '../base/loadBackend.ts';
import { HOST_TILES, type HostTiles } from './mapTiles.ts';

/** Tiles kept for all maps of the window, so that none is asked for again while somebody looks around. */
const MOST_KEPT = 800;
const LONGEST_WAIT_MS = 20_000;
/** Of zoom levels 0 to 19. */
const OSM_TILE = /^\/(1?\d)\/\d{1,6}\/\d{1,6}\.png$/;
/**
 * The tile servers of OpenStreetMap want to know who asks: https://operations.osmfoundation.org/policies/tiles/
 */
const USER_AGENT = 'CMS-Enablement-VSCode (fleet map of an editor)';

/** An answer as the page gets it: the status of HTTP, and what came. */
export interface LoadedTile {
  status: number;
  bytes: Uint8Array;
}

export type TileLoader = (tiles: HostTiles, path: string) => Promise<LoadedTile>;

/** Loads street tiles in the page's place, which has neither credentials nor a name of its own. */
export function createTileLoader(
  connections: { open(id: string): Promise<Connection> },
  backend: LoadBackend<'createPublicHttp' | 'loadLocationMap' | 'locationMapsOf'>,
  networkSettings: () => Pick<ConnectionOptions, 'proxy' | 'trusted'>,
): TileLoader {
  const kept = new Map<string, LoadedTile>();
  /** The way out, as long as the settings stay what they are. */
  let way: { settings: string; of: Promise<PublicHttp> } | undefined;
  return async (tiles, path) => {
    const key = `${tiles.preset} ${'connection' in tiles ? tiles.connection : ''} ${path}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const loaded = await load(tiles, path);
    if (loaded.status === 200) {
      const [oldest] = kept.keys();
      if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
      kept.set(key, loaded);
    }
    return loaded;
  };

  async function load(tiles: HostTiles, path: string): Promise<LoadedTile> {
    if (tiles.preset === 'openstreetmap') return loadOsm(await publicHttp(), path);
    const connection = await connections.open(tiles.connection);
    const part = await backend().loadLocationMap(connection, path, AbortSignal.timeout(LONGEST_WAIT_MS));
    if (part === undefined) return NOT_FOUND;
    const { status, body } = part;
    if (!path.includes('/descriptor')) return { status, bytes: body };
    // What the style leads to comes the same way.
    const base = backend().locationMapsOf(connection.region);
    const text = Buffer.from(body).toString('utf8').replaceAll(base, `${HOST_TILES}//aws`);
    return { status, bytes: Buffer.from(text) };
  }

  async function publicHttp(): Promise<HttpClient> {
    const now = networkSettings();
    const settings = JSON.stringify(now.proxy ?? null);
    if (way?.settings !== settings) {
      void way?.of.then((before) => before.close()).catch(() => undefined);
      way = { settings, of: backend().createPublicHttp(now) };
    }
    try {
      return (await way.of).http;
    } catch (error) {
      // What stood in the way may be gone at the next tile.
      way = undefined;
      throw error;
    }
  }
}

const NOT_FOUND: LoadedTile = { status: 404, bytes: new Uint8Array() };

async function loadOsm(http: HttpClient, path: string): Promise<LoadedTile> {
  if (!OSM_TILE.test(path)) return NOT_FOUND;
  const { status, body } = await http.send({
    method: 'GET',
    url: `https://tile.openstreetmap.org${path}`,
    headers: { 'user-agent': USER_AGENT },
    timeoutMs: LONGEST_WAIT_MS,
  });
  return { status, bytes: body ?? new Uint8Array() };
}

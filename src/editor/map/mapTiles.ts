import type { MapTiles } from '../../protocol/map.ts';

/** Street tiles, and from where a map may load what belongs to them: sources as a content security policy writes them. */
export interface TilesChoice {
  tiles: MapTiles;
  hosts: string[];
  /** Whose tiles the editor loads in the page's place. */
  ofHost?: HostTiles;
}

export type HostTiles = { preset: 'openstreetmap' } | { preset: 'amazon-location'; connection: string };

/** The scheme of what the page asks the editor for. */
export const HOST_TILES = 'cms-tiles:';

/** Why the setting cannot be used; the words are the caller's. */
export type TilesProblem =
  'no-object' | 'no-preset' | 'no-url' | 'insecure' | 'wildcard-host' | 'no-attribution' | 'no-host';

const HOST = /^(\*\.)?([a-z0-9-]+\.)*[a-z0-9-]+(:\d{1,5})?$/i;
const ON_THIS_COMPUTER = new Set(['localhost', '127.0.0.1']);

/**
 * Reads the setting `cmsEnablement.map.tiles`: `{ preset, connection? }` or `{ url, attribution, hosts? }`. A URL with {z}, {x} and {y} is a raster
 * template, any other a style document, whose tiles, glyphs and sprites come from its own host and from `hosts`.
 * Undefined when nothing is set.
 */
export function readTiles(
  setting: unknown,
  dark = false,
): TilesChoice | { problem: TilesProblem } | undefined {
  if (setting === undefined || setting === null) return undefined;
  if (typeof setting !== 'object' || Array.isArray(setting)) return { problem: 'no-object' };
  const { preset, connection, url, attribution, hosts = [] } = setting as Record<string, unknown>;
  if (preset !== undefined) return presetOf(preset, connection, dark);
  if (url === undefined || url === '') return undefined;
  if (typeof url !== 'string' || !URL.canParse(url)) return { problem: 'no-url' };
  const { protocol, hostname, host } = new URL(url);
  if (protocol !== 'https:' && !(protocol === 'http:' && ON_THIS_COMPUTER.has(hostname))) {
    return { problem: 'insecure' };
  }
  // A policy must not be widened by what stands in a URL.
  if (!HOST.test(host) || host.startsWith('*')) return { problem: 'wildcard-host' };
  if (typeof attribution !== 'string' || attribution.trim() === '') return { problem: 'no-attribution' };
  if (!Array.isArray(hosts)) return { problem: 'no-host' };
  const others: string[] = [];
  for (const other of hosts as unknown[]) {
    if (typeof other !== 'string' || !HOST.test(other)) return { problem: 'no-host' };
    others.push(`https://${other}`);
  }
  const raster = ['{z}', '{x}', '{y}'].every((part) => url.includes(part));
  return {
    tiles: { kind: raster ? 'raster' : 'style', url, attribution: attribution.trim() },
    hosts: [...new Set([`${protocol}//${host}`, ...others])],
  };
}

function presetOf(
  preset: unknown,
  connection: unknown,
  dark: boolean,
): TilesChoice | { problem: TilesProblem } {
  if (preset === 'openstreetmap') {
    const tiles: MapTiles = {
      kind: 'raster',
      url: `${HOST_TILES}//osm/{z}/{x}/{y}.png`,
      attribution: '© OpenStreetMap contributors',
    };
    return { tiles, hosts: [], ofHost: { preset } };
  }
  if (preset !== 'amazon-location' || typeof connection !== 'string') return { problem: 'no-preset' };
  const tiles: MapTiles = {
    kind: 'style',
    url: `${HOST_TILES}//aws/v2/styles/Standard/descriptor?color-scheme=${dark ? 'Dark' : 'Light'}`,
    attribution: '© AWS, HERE',
  };
  return { tiles, hosts: [], ofHost: { preset, connection } };
}

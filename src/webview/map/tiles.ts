import { addProtocol, type Map as Renderer, type StyleSpecification } from 'maplibre-gl';
import type { MapTiles } from '../../protocol/map.ts';

const SOURCE = 'tiles';
/** After this many failures before the first tile, street tiles count as unavailable. */
const MOST_FAILURES = 3;
/** How often a map that waits for its first tile is drawn again, in milliseconds. */
const LOOK_EVERY_MS = 500;

/** Adds a raster layer below the given layer. */
export function addRasterTiles(map: Renderer, tiles: MapTiles, below: string): void {
  map.addSource(SOURCE, {
    type: 'raster',
    tiles: [tiles.url],
    tileSize: 256,
    attribution: plainText(tiles.attribution),
  });
  map.addLayer({ id: SOURCE, type: 'raster', source: SOURCE }, below);
}

type Load = (path: string) => Promise<Uint8Array<ArrayBuffer>>;

/** Addresses of this scheme are loaded by the editor. */
const SCHEME = 'cms-tiles';
let loadByEditor: Load | undefined;

/** Lets the editor load what has an address `cms-tiles://…`. */
export function useEditorTiles(load: Load): void {
  loadByEditor = load;
  addProtocol(SCHEME, async ({ url, type }) => {
    const bytes = await load(pathOf(url));
    const isText = type === 'json' || type === 'string';
    const text = isText ? new TextDecoder().decode(bytes) : '';
    return { data: type === 'json' ? (JSON.parse(text) as object) : isText ? text : bytes.buffer };
  });
}

function pathOf(url: string): string {
  return url.slice(url.indexOf('/', `${SCHEME}://`.length));
}

async function loadJson(url: string): Promise<unknown> {
  if (loadByEditor && url.startsWith(`${SCHEME}:`)) {
    return JSON.parse(new TextDecoder().decode(await loadByEditor(pathOf(url))));
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}`);
  return response.json();
}

/** Loads the style document of street tiles. Throws if it is missing or not a style document. */
export async function loadTileStyle(url: string): Promise<StyleSpecification> {
  const style = (await loadJson(url)) as Partial<StyleSpecification>;
  if (!Array.isArray(style.layers) || typeof style.sources !== 'object') {
    throw new Error('This is no style document.');
  }
  return style as StyleSpecification;
}

/** The first fonts used by a foreign style, because its server certainly has those. */
export function fontsOf(style: StyleSpecification): string[] | undefined {
  for (const layer of style.layers) {
    const fonts: unknown = layer.type === 'symbol' ? layer.layout?.['text-font'] : undefined;
    if (
      Array.isArray(fonts) &&
      fonts.every((font): font is string => typeof font === 'string' && font !== 'literal')
    )
      return fonts;
  }
  return undefined;
}

/** Calls `failed` once if no tile ever loads. `isTiles` selects the sources that count. */
export function watchTiles(
  map: Renderer,
  isTiles: (source: string) => boolean,
  failed: (why: string) => void,
): () => void {
  let requested = false;
  let failures = 0;
  let why = 'no tile was there';
  const giveUp = (): void => {
    stop();
    failed(why);
  };
  const onRequested = ({ sourceId, tile }: { sourceId?: string; tile?: unknown }): void => {
    if (tile !== undefined && sourceId !== undefined && isTiles(sourceId)) requested = true;
  };
  const onError = (event: object & { error?: Error; sourceId?: string }): void => {
    if (event.sourceId === undefined || !isTiles(event.sourceId)) return;
    why = event.error?.message ?? why;
    failures += 1;
    if (failures >= MOST_FAILURES) giveUp();
  };
  const onData = ({ sourceId, tile }: { sourceId?: string; tile?: { state?: string } }): void => {
    if (tile?.state === 'loaded' && sourceId !== undefined && isTiles(sourceId)) stop();
  };
  // To the renderer, a tile that is not found is not an error. If it is idle and no tile has loaded, there are none.
  const onIdle = (): void => {
    if (requested) giveUp();
  };
  // Nor does it draw again after such an answer: when the last one comes to a map that stands still, no event follows.
  const looks = setInterval(() => map.triggerRepaint(), LOOK_EVERY_MS);
  const stop = (): void => {
    clearInterval(looks);
    map.off('sourcedataloading', onRequested);
    map.off('error', onError);
    map.off('sourcedata', onData);
    map.off('idle', onIdle);
  };
  map.on('sourcedataloading', onRequested);
  map.on('error', onError);
  map.on('sourcedata', onData);
  map.on('idle', onIdle);
  return stop;
}

/** Strips markup, because the renderer inserts the attribution as HTML. */
function plainText(markup: string): string {
  const text = new DOMParser().parseFromString(markup, 'text/html').body.textContent;
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

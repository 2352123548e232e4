import type { Map as Renderer, StyleSpecification } from 'maplibre-gl';
import type { MapTiles } from '../../protocol/map.ts';

const SOURCE = 'tiles';
/** So many failures before the first tile, and there are no tiles. */
const MOST_FAILURES = 3;

/** A raster layer below everything of ours that stands over the land. */
export function addRasterTiles(map: Renderer, tiles: MapTiles, below: string): void {
  map.addSource(SOURCE, {
    type: 'raster',
    tiles: [tiles.url],
    tileSize: 256,
    attribution: plainText(tiles.attribution),
  });
  map.addLayer({ id: SOURCE, type: 'raster', source: SOURCE }, below);
}

/** The style document of street tiles; throws when it is not there or is none. */
export async function loadTileStyle(url: string): Promise<StyleSpecification> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}`);
  const style = (await response.json()) as Partial<StyleSpecification>;
  if (!Array.isArray(style.layers) || typeof style.sources !== 'object') {
    throw new Error('This is no style document.');
  }
  return style as StyleSpecification;
}

/** The first font a foreign style draws with: its server has that one for sure. */
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

/** Calls back once if no tile ever comes. `isTiles` says which sources count. */
export function watchTiles(
  map: Renderer,
  isTiles: (source: string) => boolean,
  failed: (why: string) => void,
): () => void {
  let asked = false;
  let failures = 0;
  let why = 'no tile was there';
  const give = (): void => {
    stop();
    failed(why);
  };
  const onAsked = ({ sourceId, tile }: { sourceId?: string; tile?: unknown }): void => {
    if (tile !== undefined && sourceId !== undefined && isTiles(sourceId)) asked = true;
  };
  const onError = (event: object & { error?: Error; sourceId?: string }): void => {
    if (event.sourceId === undefined || !isTiles(event.sourceId)) return;
    why = event.error?.message ?? why;
    failures += 1;
    if (failures >= MOST_FAILURES) give();
  };
  const onData = ({ sourceId, tile }: { sourceId?: string; tile?: { state?: string } }): void => {
    if (tile?.state === 'loaded' && sourceId !== undefined && isTiles(sourceId)) stop();
  };
  // A tile that is not found is no error to the renderer: nothing more to come, and none is there.
  const onIdle = (): void => {
    if (asked) give();
  };
  const stop = (): void => {
    map.off('sourcedataloading', onAsked);
    map.off('error', onError);
    map.off('sourcedata', onData);
    map.off('idle', onIdle);
  };
  map.on('sourcedataloading', onAsked);
  map.on('error', onError);
  map.on('sourcedata', onData);
  map.on('idle', onIdle);
  return stop;
}

/** The renderer would insert the text as markup. */
function plainText(markup: string): string {
  const text = new DOMParser().parseFromString(markup, 'text/html').body.textContent;
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

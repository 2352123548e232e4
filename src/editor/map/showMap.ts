import type { App } from '../app.ts';
import type { MapSource } from './mapSource.ts';

/**
 * Shows a source on the map: in its panel if one is open, which then shows this source and disposes what it showed
 * before, otherwise in a new one. The source is disposed with the panel. With `vin` that vehicle is selected;
 * with `aside` the map opens beside what the person looks at, and the focus stays there.
 */
export function showMap(app: App, source: MapSource, options: { vin?: string; aside?: boolean } = {}): void {
  app.maps.show(source, options.vin, options.aside);
}

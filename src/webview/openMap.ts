import type { MapSettings, MapState } from '../protocol/map.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { Host } from './host.ts';
import { loadBasemap, type Basemap } from './map/basemap.ts';
import { MapView, type MapEvents } from './map/mapView.ts';
import { useEditorTiles } from './map/tiles.ts';
import { startWorker } from './map/worker.ts';
import type { Notes } from './ui/notes.ts';
import { unitsOf } from './base/units.ts';
import type { Words } from './base/words.ts';

/** Loads and opens the map. Without WebGL, shows a note and returns undefined. */
export async function openMap(
  place: HTMLElement,
  deps: {
    settings: MapSettings;
    host: Host;
    notes: Notes;
    words: Words;
    fleet: Fleet;
    camera: MapState['camera'];
    events: Omit<MapEvents, 'tilesFailed' | 'interrupted' | 'problem'>;
  },
): Promise<MapView | undefined> {
  const { settings, host, notes, words, fleet, camera } = deps;
  useEditorTiles((path) => host.load(path));
  const readBasemap = async (): Promise<Basemap | undefined> => {
    try {
      return await loadBasemap(settings.basemapUri);
    } catch (error) {
      host.problem(`The basemap was not loaded: ${String(error)}`);
      notes.set('basemap', words('noBasemap'), 'warning');
      return undefined;
    }
  };
  try {
    if (!document.createElement('canvas').getContext('webgl2')) throw new Error('There is no WebGL.');
    const [basemap] = await Promise.all([readBasemap(), startWorker(settings.workerUri)]);
    const events: MapEvents = {
      ...deps.events,
      tilesFailed: (why) => {
        host.problem(`The street tiles were not loaded: ${why}`);
        notes.set('tiles', words('tilesFailed'), 'warning');
      },
      interrupted: (lost) => notes.set('graphics', lost ? words('contextLost') : undefined, 'warning'),
      problem: (message) => host.problem(message),
    };
    return new MapView(place, { fleet, basemap, words, units: unitsOf(settings.units), camera, events });
  } catch (error) {
    host.problem(`The map cannot be drawn: ${error instanceof Error ? error.message : String(error)}`);
    notes.set('webgl', words('noWebGl'), 'warning');
    return undefined;
  }
}

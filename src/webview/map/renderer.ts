import {
  AttributionControl,
  Map as Renderer,
  NavigationControl,
  ScaleControl,
  type StyleSpecification,
} from 'maplibre-gl';
import type { MapState } from '../../protocol/map.ts';
import { reducedMotion } from '../base/frames.ts';
import type { Units } from '../base/units.ts';
import type { Words } from '../base/words.ts';
import { clampLatitude } from './geometry.ts';

/** The initial view of an empty map: most of the inhabited world. */
const WORLD = { longitude: 10, latitude: 25, zoom: 1 };

/** Creates a map with north up and controls in the editor's language. Throws if the browser has no WebGL. */
export function createRenderer(
  container: HTMLElement,
  style: StyleSpecification,
  words: Words,
  scale: Units['scale'],
  camera: MapState['camera'] = WORLD,
): Renderer {
  const map = new Renderer({
    container,
    style,
    center: [camera.longitude, clampLatitude(camera.latitude)],
    zoom: camera.zoom,
    minZoom: 0,
    maxZoom: 18,
    attributionControl: false,
    // MapLibre's own way is late, and misses a change that comes before its first look: clicks then meet other places
    // than those that are seen.
    trackResize: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    reduceMotion: reducedMotion(),
    locale: {
      'Map.Title': words('mapLabel'),
      'NavigationControl.ZoomIn': words('zoomIn'),
      'NavigationControl.ZoomOut': words('zoomOut'),
    },
  });
  let size = `${container.clientWidth} ${container.clientHeight}`;
  const sizes = new ResizeObserver(() => {
    const { clientWidth, clientHeight } = container;
    const now = `${clientWidth} ${clientHeight}`;
    if (clientWidth === 0 || clientHeight === 0 || now === size) return;
    size = now;
    map.resize();
    map.redraw();
  });
  sizes.observe(container);
  map.once('remove', () => sizes.disconnect());
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  map.addControl(new ScaleControl({ maxWidth: 120, unit: scale }), 'bottom-left');
  map.addControl(
    new AttributionControl({ compact: false, customAttribution: 'Natural Earth' }),
    'bottom-right',
  );
  return map;
}

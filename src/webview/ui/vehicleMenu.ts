import type { MapScene } from '../../protocol/map.ts';
import type { Vehicle } from '../fleet/vehicle.ts';

/** Where the editor looks for what its context menu is about. */
export const MENU_CONTEXT = 'data-vscode-context';

/**
 * What the editor is to know of a vehicle when its context menu is opened: the keys of the conditions in `package.json`,
 * and the vehicle as its commands are given it.
 */
export function menuContext(scene: MapScene | undefined, { id, vin, now }: Vehicle): string {
  const { source = 'watch', stack } = scene ?? {};
  // Who is watched is known by the name of its thing; what its messages say of it is a claim.
  const named = source === 'simulation' ? { vin, id } : { vin: source === 'watch' ? id : vin };
  return JSON.stringify({
    webviewSection: 'vehicle',
    preventDefaultContextMenuItems: true,
    mapSource: source,
    vehiclePhase: now.phase,
    ...named,
    ...(stack === undefined ? {} : { ref: stack }),
  });
}

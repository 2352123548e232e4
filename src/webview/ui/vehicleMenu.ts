import type { MapScene } from '../../protocol/map.ts';
import { setAttribute } from '../base/dom.ts';
import type { Fleet } from '../fleet/fleet.ts';
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

/**
 * Whether a context menu was asked for at a place, not by a key. Ctrl+click of macOS and a long touch come with the first
 * button, as keys do.
 */
export function isByPointer(
  event: Pick<PointerEvent, 'button' | 'ctrlKey'> & { pointerType?: string },
): boolean {
  const { button, ctrlKey, pointerType = '' } = event;
  return button === 2 || ctrlKey || pointerType === 'touch' || pointerType === 'pen';
}

/** The menu of the map is about the vehicle under the pointer; by the keyboard, about the selected one. */
export function listenToMenuOfMap(
  mapPart: HTMLElement,
  fleet: Fleet,
  vehicleAt: (clientX: number, clientY: number) => Vehicle | undefined,
): void {
  const listener = (event: MouseEvent): void => {
    const vehicle =
      vehicleAt(event.clientX, event.clientY) ?? (isByPointer(event) ? undefined : fleet.selected);
    if (vehicle === undefined) mapPart.removeAttribute(MENU_CONTEXT);
    else setAttribute(mapPart, MENU_CONTEXT, menuContext(fleet.scene, vehicle));
  };
  // Before the editor reads it, on the event's way up.
  mapPart.addEventListener('contextmenu', listener, { capture: true });
}

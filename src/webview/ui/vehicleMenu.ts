import { setAttribute } from '../base/dom.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Vehicle } from '../fleet/vehicle.ts';

/** Where the editor looks for what its context menu is about. */
export const MENU_CONTEXT = 'data-vscode-context';

/** All that are selected if the vehicle is one of them, otherwise the vehicle alone. */
function menuOf(vehicle: Vehicle, fleet: Fleet): readonly Vehicle[] {
  return fleet.isChosen(vehicle.id)
    ? [vehicle, ...fleet.chosen.filter(({ id }) => id !== vehicle.id)]
    : [vehicle];
}

/**
 * What the editor is to know of a vehicle when its context menu is opened: the keys of the conditions in `package.json`,
 * and the vehicle as its commands are given it. Is it one of several that are selected, the menu is about all of them.
 */
export function menuContext(fleet: Fleet, vehicle: Vehicle): string {
  const { source = 'watch', stack } = fleet.scene ?? {};
  const vehicles = menuOf(vehicle, fleet);
  const isSome = (...phases: Vehicle['now']['phase'][]): boolean =>
    vehicles.some(({ now }) => phases.includes(now.phase));
  // Who is watched is known by the name of its thing; what its messages say of it is a claim.
  const [first, ...others] = vehicles.map(({ id, vin }) => ({
    ...(source === 'simulation' ? { vin, id } : { vin: source === 'watch' ? id : vin }),
    ...(stack === undefined ? {} : { ref: stack }),
  }));
  return JSON.stringify({
    webviewSection: 'vehicle',
    preventDefaultContextMenuItems: true,
    mapSource: source,
    isDriving: isSome('driving'),
    isPaused: isSome('paused'),
    isRunning: isSome('waiting', 'driving', 'paused'),
    ...first,
    ...(others.length === 0 ? {} : { severalVehicles: true, others }),
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
    else setAttribute(mapPart, MENU_CONTEXT, menuContext(fleet, vehicle));
  };
  // Before the editor reads it, on the event's way up.
  mapPart.addEventListener('contextmenu', listener, { capture: true });
}

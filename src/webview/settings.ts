import { mapSettingsSchema, type MapSettings } from '../protocol/map.ts';

/** What the page says about itself; a page without it is a fault of the editor's side, and throws. */
export function readSettings(): MapSettings {
  const text = document.getElementById('settings')?.textContent ?? '';
  return mapSettingsSchema.parse(JSON.parse(text));
}

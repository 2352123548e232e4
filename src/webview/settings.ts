import { parseJson } from '../core/json.ts';
import { mapSettingsSchema, type MapSettings } from '../protocol/map.ts';

/** Reads the settings in the page. Throws if they are missing or invalid, which is a bug in the editor's part. */
export function readSettings(): MapSettings {
  const element = document.getElementById('settings');
  if (!element) throw new Error('The page has no element with the id "settings".');
  const settings = parseJson(mapSettingsSchema, element.textContent);
  if (!settings.ok) throw new Error(`The settings of the page cannot be used: ${settings.problem}`);
  return settings.value;
}

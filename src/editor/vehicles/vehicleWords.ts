import * as vscode from 'vscode';
import type { Generation } from '../../cms/contract/generation.ts';
import type { LiveVehicle, VehicleDetail, VehicleRecord } from '../../cms/contract/vehicles.ts';
import { modelOf } from '../../text/vehicleModel.ts';
import { l10n } from '../../core/message.ts';
import { activeIcon, warningIcon } from '../base/icons.ts';
import { say, sayError } from '../base/say.ts';
import type { VehicleName } from '../base/stackRef.ts';
import { forMarkdown } from '../base/shown.ts';
import { type CertificateState, certificateStatusWords, expiryWords } from './certificateState.ts';

/** Words, and an icon that says the same. */
export interface Look {
  words: string;
  icon: vscode.ThemeIcon;
}

/** One vehicle by its VIN, several by their number. */
export function vinOrCount(vehicles: readonly VehicleName[]): string {
  const [first, second] = vehicles;
  if (first !== undefined && second === undefined) return first.vin;
  return say(l10n.t('{count} vehicles', { count: vehicles.length }));
}

/** The state of a vehicle in a word or two: what matters most of all that is known. */
export function vehicleState(known: {
  drive: 'driving' | 'paused' | undefined;
  certificate: CertificateState;
  live: boolean;
  condition?: VehicleRecord['condition'];
}): Look {
  const { drive, certificate, live, condition } = known;
  if (drive === 'paused')
    return { words: vscode.l10n.t('simulation paused'), icon: new vscode.ThemeIcon('debug-pause') };
  if (drive === 'driving') return { words: vscode.l10n.t('simulating'), icon: activeIcon('play-circle') };
  if (certificate.problem !== undefined)
    return { words: vscode.l10n.t('certificate unusable'), icon: warningIcon('warning') };
  if (certificate.status !== undefined && certificate.status !== 'ACTIVE') {
    return {
      words: certificateStatusWords(certificate.status),
      icon: warningIcon('circle-slash'),
    };
  }
  if (condition?.wrong === true) return { words: say(condition.words), icon: warningIcon('warning') };
  const expiry = expiryWords(certificate, Date.now());
  if (expiry !== undefined) return { words: expiry, icon: warningIcon('warning') };
  if (live) return { words: vscode.l10n.t('live'), icon: activeIcon('broadcast') };
  if (certificate.inWorkspace)
    return { words: vscode.l10n.t('certificate in workspace'), icon: new vscode.ThemeIcon('key') };
  if (condition !== undefined)
    return { words: say(condition.words), icon: new vscode.ThemeIcon('circle-outline') };
  return { words: vscode.l10n.t('registered'), icon: new vscode.ThemeIcon('circle-outline') };
}

/** Parts of a record that stand elsewhere in the tooltip: in its first lines. */
const SAID: ReadonlySet<string> = new Set(['make', 'model', 'modelYear', 'condition']);

export function vehicleTooltip(
  { record: vehicle, words, problem }: { record: VehicleRecord; words: string; problem: string | undefined },
  generations: readonly Pick<Generation, 'onboarding' | 'attributes'>[],
): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendMarkdown(`**${forMarkdown(vehicle.vin)}** — ${words}\n\n`);
  text.appendText(`${modelOf(vehicle)}\n`);
  for (const [key, value] of Object.entries(vehicle.attributes)) {
    if (!SAID.has(key)) text.appendText(`${attributeWords(key, String(value), generations)}\n`);
  }
  if (vehicle.owners.length > 0) text.appendText(vscode.l10n.t('Owner: {0}', vehicle.owners.join(', ')));
  if (problem !== undefined) text.appendText(`\n${problem}`);
  return text;
}

/** A name and value as the wizard says them; a name that nobody has words for is taken apart: `colorName`. */
function attributeWords(
  key: string,
  value: string,
  generations: readonly Pick<Generation, 'onboarding' | 'attributes'>[],
): string {
  const fields = generations.flatMap(({ onboarding }) => onboarding?.fields ?? []);
  const field = fields.find(({ name, title }) => name === key && title !== undefined);
  const title = field?.title ?? generations.flatMap(({ attributes }) => attributes?.[key] ?? [])[0];
  const plain = key.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  const label = title === undefined ? plain.charAt(0).toUpperCase() + plain.slice(1) : say(title);
  const choice = field?.choices?.find((each) => each.value === value)?.label;
  return vscode.l10n.t('{0}: {1}', label, choice === undefined ? value : say(choice));
}

export function detailWords({ words, icon }: VehicleDetail): { words: string; icon: string } {
  if (words === undefined) return { words: vscode.l10n.t('not registered'), icon };
  return { words: typeof words === 'string' ? words : say(words), icon };
}

/** @param sentAt when this window sent its last message, which counts where the CMS does not say when that came */
export function telemetryWords(
  live: LiveVehicle | Error | undefined,
  sentAt?: number,
): { words: string; icon: string } {
  if (live instanceof Error) return { words: sayError(live), icon: 'warning' };
  if (live === undefined) return { words: vscode.l10n.t('nothing received yet'), icon: 'circle-outline' };
  const { position, troubleCodes, at = sentAt } = live;
  // First: a row in a narrow view shows its beginning.
  const time =
    at === undefined
      ? ''
      : new Date(at).toLocaleString(vscode.env.language, { dateStyle: 'short', timeStyle: 'short' });
  const place =
    position === undefined ? '' : `${position.latitude.toFixed(5)}, ${position.longitude.toFixed(5)}`;
  const codes = troubleCodes.length > 0 ? vscode.l10n.t('DTC {0}', troubleCodes.join(', ')) : '';
  return { words: [time, place, codes].filter((part) => part !== '').join(' · '), icon: 'broadcast' };
}

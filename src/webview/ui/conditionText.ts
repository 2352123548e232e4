import type { MapVehicle } from '../../protocol/map.ts';
import type { Condition } from '../fleet/vehicle.ts';
import type { Words } from '../base/words.ts';

const phaseWords = {
  waiting: 'phaseWaiting',
  driving: 'phaseDriving',
  paused: 'phasePaused',
  ending: 'phaseEnding',
  ended: 'phaseEnded',
  failed: 'phaseFailed',
  watched: 'phaseWatched',
} as const;
const linkWords = { connecting: 'linkConnecting', online: 'linkOnline', offline: 'linkOffline' } as const;

export function phaseText(words: Words, phase: MapVehicle['phase']): string {
  return words(phaseWords[phase]);
}

export function linkText(words: Words, link: MapVehicle['link']): string {
  return link === undefined ? '' : words(linkWords[link]);
}

export function conditionText(words: Words, condition: Condition): string {
  if (condition === 'earlier') return words('phaseEarlier');
  return condition === 'offline' ? words('linkOffline') : phaseText(words, condition);
}

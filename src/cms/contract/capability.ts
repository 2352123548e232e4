import type { Message } from '../../core/message.ts';
import type { CredentialNeed } from './credentials.ts';

/** What the front ends offer. */
const CAPABILITIES = [
  'vehicles', 'live', 'lists', 'onboard', 'provision', 'send', 'watch', 'jobs', 'commands', 'owners', 'doctor', 'offboard', 'ui',
  'cloudDrive', 'ownCa',
] as const; // prettier-ignore
export type CapabilityId = (typeof CAPABILITIES)[number];

/** Whether one thing works with a deployment. */
export interface Capability {
  readonly id: CapabilityId;
  /** What it is, for people: "list vehicles". */
  readonly title: Message;
  readonly needs: CredentialNeed;
  /** Why not; undefined when it works. */
  readonly no: Message | undefined;
}

/** What works and what does not, as words in the context of a row, such as `can.onboard` and `cannot.watch`. */
export function wordsFor(capabilities: readonly Capability[]): string {
  return CAPABILITIES.map((id) => `${isPossible(capabilities, id) ? 'can' : 'cannot'}.${id}`).join(' ');
}

export function isPossible(capabilities: readonly Capability[], id: CapabilityId): boolean {
  return capabilities.some((capability) => capability.id === id && capability.no === undefined);
}

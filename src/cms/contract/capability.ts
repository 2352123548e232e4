import type { Message } from '../../core/message.ts';
import type { CredentialNeed } from './credentials.ts';

/** What the front ends offer. */
export type CapabilityId =
  | 'vehicles'
  | 'live'
  | 'lists'
  | 'onboard'
  | 'provision'
  | 'send'
  | 'watch'
  | 'jobs'
  | 'owners'
  | 'doctor'
  | 'offboard'
  | 'ui';

/** Whether one thing works with a deployment. */
export interface Capability {
  readonly id: CapabilityId;
  /** What it is, for people: "list vehicles". */
  readonly title: Message;
  readonly needs: CredentialNeed;
  /** Why not; undefined when it works. */
  readonly no: Message | undefined;
}

/** What works, as words in the context of a row, such as `can.onboard`. */
export function wordsFor(capabilities: readonly Capability[]): string {
  return capabilities
    .filter(({ no }) => no === undefined)
    .map(({ id }) => `can.${id}`)
    .join(' ');
}

export function isPossible(capabilities: readonly Capability[], id: CapabilityId): boolean {
  return capabilities.some((capability) => capability.id === id && capability.no === undefined);
}

import { join } from 'node:path';
import { readTextFile } from '../../../core/bounded.ts';
import type { OwnCaSetup } from '../../../cms/contract/provisioner.ts';
import { l10n, type Message } from '../../../core/message.ts';
import type { ensureFunction, RegistrationFunction, Replaced } from './registrationFunction.ts';

/** Of the bundle, which is some thirty kilobytes. */
const MOST_BYTES = 2 ** 20;

/** JavaScript of the function. Its bundle stands beside the one that runs. */
export function functionCode(): Promise<string> {
  return readTextFile(join(__dirname, 'registrations.js'), { mostBytes: MOST_BYTES });
}

/** Whom the function lets in, for whoever is asked before. */
export function whomItLetsIn(count: number, revoke: boolean): Message {
  return revoke
    ? l10n.plural(
        count,
        l10n.t('It lets in 1 vehicle; the certificates of all others are revoked.'),
        l10n.t('It lets in {count} vehicles; the certificates of all others are revoked.', { count }),
      )
    : l10n.plural(
        count,
        l10n.t('It lets in 1 vehicle; the certificates of all others are left pending.'),
        l10n.t('It lets in {count} vehicles; the certificates of all others are left pending.', { count }),
      );
}

/** What becomes of the function that is there, which may be somebody else's; a line each. */
export function whatChanges(
  { found: { parameters }, listed, removed }: Replaced,
  { setup, revoke }: { setup: OwnCaSetup; revoke: boolean },
): Message[] {
  const { DevicePolicy, ThingType, Others } = parameters;
  const lines = [
    l10n.plural(
      listed,
      l10n.t('A function is there already. Its list has 1 vehicle, of which {removed} will be removed.', {
        removed,
      }),
      l10n.t(
        'A function is there already. Its list has {listed} vehicles, of which {removed} will be removed.',
        { listed, removed },
      ),
    ),
  ];
  if (removed > 0 && revoke) {
    lines.push(l10n.t('Those of them that have not come in yet will be revoked.'));
  }
  if (DevicePolicy !== setup.devicePolicy) {
    const values = { before: DevicePolicy, now: setup.devicePolicy };
    lines.push(l10n.t('Its device policy was {before}, and will be {now}.', values));
  }
  if (ThingType !== setup.thingType) {
    const values = { before: ThingType, now: setup.thingType };
    lines.push(l10n.t('Its thing type was {before}, and will be {now}.', values));
  }
  if ((Others === 'revoke') !== revoke) {
    lines.push(
      revoke
        ? l10n.t('It left the certificates of others pending.')
        : l10n.t('It revoked the certificates of others.'),
    );
  }
  return lines;
}

/** What a removal takes away, and what stays; a line each. @param vehicles how many its list allows */
export function whatIsRemoved({ stack: { name } }: RegistrationFunction, vehicles: number): Message[] {
  return [
    l10n.plural(
      vehicles,
      l10n.t(
        'To remove: the stack {name} with its function, role, rule, log group, and its list of 1 vehicle.',
        { name },
      ),
      l10n.t(
        'To remove: the stack {name} with its function, role, rule, log group, and its list of {count} vehicles.',
        { name, count: vehicles },
      ),
    ),
    l10n.t('Vehicles that came in keep working; new ones stay pending until somebody lets them in.'),
  ];
}

/** What a setup did; a line each. */
export function whatWasSetUp({
  stack: { name },
  result,
  list: { added, changed, same, removed },
  waiting,
}: SetUp): Message[] {
  const lines = [
    {
      found: l10n.t('Stack {name} is as it should be.', { name }),
      repaired: l10n.t('Stack {name} is updated.', { name }),
      created: l10n.t('Stack {name} is deployed.', { name }),
    }[result],
    l10n.t('The list: {added} added, {changed} changed, {same} unchanged, {removed} removed.', {
      ...{ added, changed, same, removed },
    }),
  ];
  if (waiting > 0) {
    lines.push(
      l10n.plural(
        waiting,
        l10n.t('1 certificate is pending. The function decides when its vehicle next connects.'),
        l10n.t(
          '{count} certificates are pending. The function decides on each when its vehicle next connects.',
          { count: waiting },
        ),
      ),
    );
  }
  return lines;
}

type SetUp = Awaited<ReturnType<typeof ensureFunction>>;

import { l10n } from '../../core/message.ts';
import { type Check, checksOf, fail, type Found, ok, skip, warn } from '../contract/checks.ts';
import type { FoundDeployment } from '../contract/generation.ts';
import { stateOf } from '../contract/stackState.ts';
import { unlessDenied } from '../kit/denied.ts';
import { judgeClaims } from './claims.ts';
import { chooseManifest } from './onboarding/fleets.ts';
import { OPTIONAL_PARTS } from './recognize.ts';
import type { Sources } from './sources.ts';
import { streamChecks } from './streamChecks.ts';
import { vehicleChecks } from './vehicleChecks.ts';

const check = checksOf<Found>();
/** Without them nothing can arrive, or be shown. */
const NEEDED = ['storage', 'iot', 'msk', 'telemetry-integration', 'flink', 'data-processing'] as const;
/** By the tests of the solution itself. */
const SIGNALS = 50;
const EVENTS = 10;
/** The stream makes no trips of messages that are off by more. */
const MOST_SKEW_MS = 5 * 60_000;
const WORTH_SAYING_MS = 60_000;

/** What the doctor looks at in a Guidance for Connected Mobility: first what its vehicles share. */
export function createChecks(sources: Sources, found: FoundDeployment): readonly Check[] {
  const { connection, names, store, api, entry } = sources;
  const { parts } = found;
  return [
    check({
      id: 'stacks',
      title: l10n.t('Stacks that telemetry needs'),
      stage: 'deployment',
      needs: [],
      run() {
        const bad = NEEDED.filter((part) => {
          const stack = parts[part];
          return stack === undefined || stateOf(stack, []).kind !== 'ready';
        });
        if (bad.length > 0) {
          const stacks = bad.map((part) => `${names.prefix}-${part}`).join(', ');
          return Promise.resolve(
            fail(
              bad.includes('telemetry-integration')
                ? l10n.t(
                    'Missing or not complete: {stacks}. Without telemetry-integration nothing can arrive.',
                    { stacks },
                  )
                : l10n.t('Missing or not complete: {stacks}.', { stacks }),
              l10n.t('Deploy them in the folder of the solution: make deploy-all.'),
            ),
          );
        }
        const missing = OPTIONAL_PARTS.filter((part) => parts[part] === undefined);
        return Promise.resolve(
          missing.length === 0
            ? ok(l10n.t('They are there.'))
            : ok(l10n.t('They are there; not deployed: {stacks}.', { stacks: missing.join(', ') })),
        );
      },
    }),
    check({
      id: 'sign-in',
      title: l10n.t('Sign-in, groups and fleets'),
      stage: 'deployment',
      needs: [],
      async run(_, { signal }) {
        const { words, wrong } = judgeClaims(await entry.claims(signal));
        const signedIn = true as const;
        if (!wrong) return ok(words, { signedIn });
        return warn(
          words,
          l10n.t(
            'Have an administrator add a group or fleets (custom:fleetIds) to your user, then sign in again.',
          ),
          { signedIn },
        );
      },
    }),
    check({
      id: 'clock',
      title: l10n.t('Clock of this computer'),
      stage: 'deployment',
      needs: [],
      async run(_, { signal, clock }) {
        const url = found.stack.outputs.APIEndpoint ?? '';
        if (!URL.canParse(url)) return skip(l10n.t('The API has no address.'));
        // Any answer has the date.
        const { headers } = await connection.http().send({ method: 'GET', url, signal });
        const there = Date.parse(headers.date ?? '');
        if (Number.isNaN(there)) return skip(l10n.t('The API did not say what time it is.'));
        const ahead = clock.now() - there;
        const minutes = Math.round(Math.abs(ahead) / 60_000);
        const words =
          ahead > 0
            ? l10n.plural(
                minutes,
                l10n.t('The clock of this computer is 1 minute ahead.'),
                l10n.t('The clock of this computer is {minutes} minutes ahead.', { minutes }),
              )
            : l10n.plural(
                minutes,
                l10n.t('The clock of this computer is 1 minute behind.'),
                l10n.t('The clock of this computer is {minutes} minutes behind.', { minutes }),
              );
        const remedy = l10n.t(
          'Set the date and time of this computer: vehicles that are simulated here go by them.',
        );
        if (Math.abs(ahead) > MOST_SKEW_MS) return fail(words, remedy);
        if (Math.abs(ahead) > WORTH_SAYING_MS) return warn(words, remedy);
        return ok(l10n.t('Correct.'));
      },
    }),
    check({
      id: 'model-manifest',
      title: l10n.t('Model manifest for new vehicles'),
      stage: 'deployment',
      needs: ['signedIn'],
      async run(_, { signal }) {
        if (parts['data-processing'] === undefined)
          return skip(l10n.t('The stack data-processing is not deployed.'));
        const all = await api.manifests(signal);
        const chosen = chooseManifest(all);
        if (chosen !== undefined) return ok(l10n.t('{name} is ACTIVE.', { name: chosen.modelManifestName }));
        return warn(
          all.length === 0
            ? l10n.t('There is none: no vehicle can be created.')
            : l10n.t('None is ACTIVE, has a decoder manifest, and is the default.'),
          l10n.t('Seed it in the folder of the solution: make seed-vehicle-models.'),
        );
      },
    }),
    check({
      id: 'catalogs',
      title: l10n.t('Signal and event catalogs'),
      stage: 'deployment',
      needs: [],
      async run(_, { signal }) {
        const signals = await unlessDenied(store.count('signals', SIGNALS, signal));
        const events = await unlessDenied(store.count('events', EVENTS, signal));
        if (signals === undefined || events === undefined)
          return skip(l10n.t('Their tables may not be read.'));
        if (signals < SIGNALS) {
          return fail(
            l10n.plural(
              signals,
              l10n.t('The signal catalog has 1 row: telemetry that it does not know makes no live state.'),
              l10n.t(
                'The signal catalog has {count} rows: telemetry that it does not know makes no live state.',
                { count: signals },
              ),
            ),
            l10n.t('Seed it in the folder of the solution: make seed-signal-catalog.'),
          );
        }
        if (events < EVENTS) {
          return warn(
            l10n.plural(
              events,
              l10n.t('The event catalog has 1 row: there are no safety events and no alerts.'),
              l10n.t('The event catalog has {count} rows: there are no safety events and no alerts.', {
                count: events,
              }),
            ),
            l10n.t('Seed it in the folder of the solution: make seed-event-catalog.'),
          );
        }
        return ok(l10n.t('They are seeded.'));
      },
    }),
    check({
      id: 'drivers',
      title: l10n.t('Drivers, for the remote simulator'),
      stage: 'deployment',
      needs: [],
      async run(_, { signal }) {
        const drivers = await unlessDenied(store.count('drivers', 1, signal));
        if (drivers === undefined) return skip(l10n.t('The table of drivers may not be read.'));
        if (drivers > 0) return ok(l10n.t('There is one at least.'));
        return warn(
          l10n.t(
            'There are none: the remote simulator stops at the start of a trip. Vehicles simulated on this computer don’t need them.',
          ),
          l10n.t('Seed them in the folder of the solution: make seed-drivers.'),
        );
      },
    }),
    ...streamChecks(sources, found),
    ...vehicleChecks(sources, found),
  ];
}

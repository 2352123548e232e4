import type { Command } from 'commander';
import type { Generation } from '../cms/contract/generation.ts';
import { background } from '../core/background.ts';
import { CmsError, isCancelled } from '../core/errors.ts';
import { oneLine } from '../core/foreignText.ts';
import { l10n, type Message } from '../core/message.ts';
import { payloadText } from '../core/payload.ts';
import type { VehicleRef } from '../core/vehicleRef.ts';
import { followAlerts } from '../onboarding/followAlerts.ts';
import { followTelemetry, sourceOf } from '../onboarding/followTelemetry.ts';
import { createResolver } from '../onboarding/resolveVehicle.ts';
import type { Reading } from '../telemetry/codec.ts';
import { type Measures, measuresIn, type Units } from '../text/measures.ts';
import { EXIT } from './exitCodes.ts';
import { counted } from './format.ts';
import { openVehicles } from './open.ts';
import {
  type CmsFlags,
  examples,
  secondsOf,
  type SignInFlags,
  withCms,
  withOutput,
  withSignIn,
  withUnits,
} from './options.ts';
import { inSession, type Session } from './session.ts';

type WatchFlags = CmsFlags & SignInFlags & { vin?: string[]; duration?: number; units: Units };

export function addWatch(program: Command, generations: readonly Generation[]): void {
  const command = program
    .command('watch')
    .description('show the telemetry that reaches AWS IoT from all or some vehicles of a deployment')
    .option('--vin <vin...>', 'only these vehicles')
    .option('--duration <seconds>', 'stop after this long', secondsOf);
  withUnits(command);
  withSignIn(command);
  withCms(command, generations);
  examples(
    withOutput(command),
    'cms-enablement watch',
    'cms-enablement watch --vin LSH14J4C4LA046511 --duration 60 --json',
  );
  command.action((flags: WatchFlags) => inSession(flags, (session) => run(flags, session)));
}

async function run(flags: WatchFlags, session: Session): Promise<number> {
  const { output, work } = session;
  const { connection, deployment, certificates } = await openVehicles(flags, session);
  const named: VehicleRef[] = [];
  const resolve = createResolver(deployment, certificates);
  for (const vin of flags.vin ?? []) named.push(await resolve(vin, work.signal));
  const vehicles = flags.vin === undefined ? undefined : named;
  const source = sourceOf(deployment, vehicles);
  const end = flags.duration === undefined ? undefined : AbortSignal.timeout(flags.duration * 1000);
  const signal = end === undefined ? work.signal : AbortSignal.any([work.signal, end]);
  const measures = measuresIn(flags.units);
  let messages = 0;
  background(
    followAlerts(deployment, { ...work, signal }, ({ vin, time, text, kind }) => {
      const at = time === undefined ? '-' : new Date(time).toISOString().slice(11, 23);
      const words = [at, vin, kind, text].map((each) => oneLine(each)).join('  ');
      output.result('alert', { vin, time, kind, text }, words);
    }),
    // It ends with the watch, whose end is told otherwise.
    () => undefined,
  );
  const seen = { online: false };
  try {
    await followTelemetry(
      { connection, deployment, vehicles },
      {
        message(topic, bytes, read) {
          messages += 1;
          output.result(
            'message',
            { topic, ...(read ?? payloadText(bytes)) },
            describe(topic, read, measures),
          );
        },
        state(state, why, note) {
          seen.online ||= state === 'online';
          const words =
            state === 'online'
              ? l10n.t('Watching {topics}', { topics: source })
              : l10n.t('Offline: {reason}', { reason: why?.message ?? '' });
          const message =
            note === undefined
              ? words
              : state === 'online'
                ? l10n.t('Watching {topics}: {note}', { topics: source, note })
                : l10n.list([words, note], 'sentences');
          work.progress({ step: 'watch', level: state === 'online' ? 'info' : 'warn', message });
        },
      },
      { ...work, signal },
    );
  } catch (error) {
    if (!isCancelled(error) || work.signal.aborted) throw error;
  }
  if (!seen.online) throw neverOnline(connection.label);
  output.result('result', { messages }, `${counted(messages, 'message')}.`);
  return EXIT.ok;
}

/** The time was over before the first connection: that nothing was seen says nothing of the vehicles. */
function neverOnline(label: Message): CmsError {
  return new CmsError(
    'ENDPOINT_UNREACHABLE',
    l10n.t('MQTT over WebSocket did not answer in time ({label}).', { label }),
    {
      step: 'watch',
      remedy: l10n.t('Check the network, the region and the endpoint; or give it more time.'),
    },
  );
}

function describe(topic: string, read: Reading | undefined, measures: Measures): string {
  if (read === undefined) return `${oneLine(topic)}  (no telemetry of CMS)`;
  const { thingName, id = thingName, vin = id, serial, time, place, code } = read;
  const at = time === undefined ? '-' : new Date(time).toISOString().slice(11, 23);
  const { speed } = place ?? {};
  const where = place && `${place.latitude.toFixed(5)}, ${place.longitude.toFixed(5)}`;
  return [
    at,
    vin,
    topic,
    serial === undefined ? '' : `#${serial}`,
    where ?? '',
    speed === undefined ? '' : measures.speed(speed),
    code ?? '',
  ]
    .filter(Boolean)
    .map((part) => oneLine(part))
    .join('  ');
}

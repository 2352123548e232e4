import { join } from 'node:path';
import * as z from 'zod';
import { readFileBounded } from '../core/bounded.ts';
import type { Deployment } from '../cms/contract/deployment.ts';
import type { LiveVehicle } from '../cms/contract/vehicles.ts';
import { CmsError, throwIfAborted } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import { l10n, type Message } from '../core/message.ts';
import { measuresIn } from '../text/measures.ts';
import { simulatedVehicles } from '../device/client/simulatedVehicles.ts';
import { newSimulationId } from '../device/client/startSimulation.ts';
import { SECRET_HEADER } from '../protocol/sandboxReady.ts';
import type { VehicleState } from '../protocol/simulation.ts';
import { brokerOf } from '../provisioning/device.ts';
import { createCertificateStore } from '../provisioning/certificateStore.ts';
import { telemetryOf } from '../onboarding/onboard.ts';
import { resolveVehicle } from '../onboarding/resolveVehicle.ts';
import { sendingOf } from '../onboarding/sending.ts';
import { readRoutes } from '../telemetry/routes/readRoutes.ts';
import { openStack } from './open.ts';
import type { CertificateFlags, ConnectionFlags, SignInFlags, StackFlags } from './options.ts';
import type { Session } from './session.ts';
import { runSimulation } from './simulate.ts';

export const ROUTE = join(__dirname, '../media/routes/atlanta.csv');
/** In time lapse and not to the end of the route, so that the demo is short. */
export const SPEED = 20;
export const DURATION_MS = 10_000;
export const TROUBLE = { at: 500, kind: 'dtc' as const, code: 'P0217' };

/** The sandbox's messages of a vehicle, each with its serial. */
const storeSchema = z.object({
  totals: z.object({
    serials: z.object({ run: z.string().optional(), missing: z.number(), duplicates: z.number() }),
  }),
  messages: z.array(
    z.object({
      serial: z.number().optional(),
      accepted: z.boolean(),
      reason: z.string().optional(),
    }),
  ),
});

/**
 * Both vehicles drive the first part of a bundled route and report a trouble code on the way. Then compares what the
 * cloud stored with what was sent: every serial once, in order, and the code shown by the fleet manager.
 * @param secret of the sandbox
 * Throws CmsError INTERNAL when a message is missing, duplicated, refused or out of order.
 */
export async function demoDrive(
  vins: readonly string[],
  flags: ConnectionFlags & StackFlags & SignInFlags & CertificateFlags & { verbose?: boolean },
  secret: string,
  session: Session,
): Promise<void> {
  const { output, work } = session;
  const { connection, deployment } = await openStack(flags, session);
  const { routes } = await readRoutes(await readFileBounded(ROUTE, { mostBytes: 2 ** 20 }), ROUTE);
  const certificates = createCertificateStore(flags.certs);
  const named = await Promise.all(
    vins.map((vin) => resolveVehicle(vin, deployment, certificates, work.signal)),
  );
  const vehicles = await simulatedVehicles(named, {
    ...sendingOf(telemetryOf(deployment), work.signal),
    certificates,
    seed: 1,
    routes: 1,
  });
  output.note(`\nBoth vehicles drive through Atlanta, ${SPEED} times as fast as in real time …`);
  const { vehicles: states } = await runSimulation(
    {
      simulationId: newSimulationId(work.clock.now()),
      generation: deployment.generation,
      broker: await brokerOf(connection, work.signal),
      routes,
      vehicles,
      speed: SPEED,
      events: [TROUBLE],
      durationMs: DURATION_MS,
    },
    session,
    flags,
  );
  throwIfAborted(work.signal, 'drive');

  for (const state of states) {
    const url = `${connection.endpoint ?? ''}/_sandbox/vehicles/${state.vin}/messages?limit=10000`;
    const headers = { [SECRET_HEADER]: secret };
    const reply = await connection.http().send({ method: 'GET', url, headers, signal: work.signal });
    checkStored(state, readAnswer(storeSchema, reply.text));
    const live = await liveOf(deployment, state.vin, work.signal);
    if (live?.troubleCodes.includes(TROUBLE.code) !== true) {
      throw wrong(state.vin, l10n.t('the fleet manager does not show {code}', { code: TROUBLE.code }));
    }
    output.result(
      'drive',
      { vin: state.vin, serials: state.serial, metres: state.metres, troubleCodes: live.troubleCodes },
      `${state.vin}: the cloud has serials 1 to ${state.serial}, each once and in order, of ` +
        `${measuresIn().distance(state.metres)}; the fleet manager shows ${live.troubleCodes.join(', ')}.`,
    );
  }
}

/** As the CMS shows it. */
export async function liveOf(
  { vehicles }: Deployment,
  vin: string,
  signal: AbortSignal,
): Promise<LiveVehicle | undefined> {
  const vehicle = vehicles.refOf(vin) ?? (await vehicles.find(vin, signal));
  return vehicle && vehicles.live?.(vehicle, signal);
}

function checkStored(
  { vin, serial: sent, phase, lost }: VehicleState,
  stored: z.infer<typeof storeSchema>,
): void {
  if (phase !== 'ended' || lost > 0)
    throw wrong(vin, l10n.t('it {phase}; messages lost: {lost}', { phase, lost }));
  const run = stored.messages.slice(-sent);
  const refused = run.find(({ accepted }) => !accepted);
  if (refused) {
    const reason = refused.reason ?? 'no reason given';
    throw wrong(vin, l10n.t('the cloud refused a message: {reason}', { reason }));
  }
  const { missing, duplicates } = stored.totals.serials;
  if (missing > 0 || duplicates > 0)
    throw wrong(
      vin,
      l10n.t('messages missing: {missing}, received twice: {duplicates}', { missing, duplicates }),
    );
  const astray = run.findIndex(({ serial }, i) => serial !== i + 1);
  if (run.length !== sent || astray >= 0)
    throw wrong(vin, l10n.t('message {n} of {sent} is not where it belongs', { n: astray + 1, sent }));
}

function wrong(vin: string, what: Message): CmsError {
  const sentence = l10n.t('The drive of {vin} went wrong: {what}.', { vin, what });
  return new CmsError('INTERNAL', sentence, { step: 'drive' });
}

/**
 * Parses the sandbox's answer about its state.
 * @throws CmsError INTERNAL
 */
export function readAnswer<T>(schema: z.ZodType<T>, text: string): T {
  const parsed = parseJson(schema, text);
  if (parsed.ok) return parsed.value;
  throw new CmsError('INTERNAL', l10n.verbatim(parsed.problem));
}

import { l10n } from '../core/message.ts';
import { poll, waits } from '../core/retry.ts';
import type { Work } from '../core/work.ts';
import { brokerOf } from '../provisioning/device.ts';
import type { EncodedMessage } from '../telemetry/sample.ts';
import { restingSample } from '../telemetry/restingSample.ts';
import { check, type Check, type CheckInput, fail, type Found, ok, skip } from './diagnoseDeps.ts';

const RECEIVE = { attempts: Infinity, withinMs: 20_000, backoff: waits(500) };

/** Whether a message of this vehicle arrives. */
export const telemetryChecks: readonly Check[] = [
  check({
    id: 'connect',
    title: l10n.t('MQTT connection as the vehicle'),
    needs: ['deployment', 'stored'],
    async run(input, work) {
      await publish(input, [], work);
      const { host, port } = await input.deps.connection.mqttEndpoint(work.signal);
      return ok(l10n.t('Connected to {server}.', { server: `${host}:${port}` }), { connected: true });
    },
  }),
  check({
    id: 'publish',
    title: l10n.t('Publish telemetry'),
    needs: ['deployment', 'signedIn', 'stored', 'connected'],
    async run(input, work) {
      if (!input.request.publish) return skip(l10n.t('Not asked for.'));
      const { vin, position } = input.request;
      const { deployment } = input;
      const before = (await deployment.liveVehicle(vin, work.signal))?.position;
      // The heading tells this message from the one before, without moving the vehicle.
      const heading = (Math.floor(before?.headingDegrees ?? 0) + 1) % 360;
      const message = deployment.codec.sample(
        restingSample({ ...(before ?? position), heading }, work.clock),
        {
          ...deployment.refOf(vin),
          tripId: 'doctor',
          simulationId: 'doctor',
          serial: 1,
        },
      );
      await publish(input, [message], work);
      const { topic } = message;
      return ok(l10n.t('AWS IoT acknowledged a message on {topic}.', { topic }), { sentHeading: heading });
    },
  }),
  check({
    id: 'received',
    title: l10n.t('Received by the fleet manager'),
    needs: ['deployment', 'signedIn', 'sentHeading'],
    async run({ request: { vin }, deployment, sentHeading }, work) {
      const found: Partial<Found> = {};
      const received = await poll(work, RECEIVE, async () => {
        const live = await deployment.liveVehicle(vin, work.signal);
        if (live) found.live = live;
        return live?.position?.headingDegrees === sentHeading ? live : undefined;
      });
      if (received) return ok(l10n.t('The fleet manager shows this very message.'), found);
      return fail(
        found.live
          ? l10n.t('The fleet manager still shows an older message of {vin}.', { vin })
          : l10n.t('The fleet manager does not know {vin}.', { vin }),
        l10n.t(
          "AWS IoT took the message, so look at the topic rules of the stack and the ingest function's log.",
        ),
        found,
      );
    },
  }),
  check({
    id: 'enrichment',
    title: l10n.t('Shown with make and model'),
    needs: ['live'],
    run({ live: { make, model } }) {
      return Promise.resolve(
        make !== '' && model !== ''
          ? ok(l10n.verbatim(`${make} ${model}.`))
          : fail(
              l10n.t(
                'The fleet manager shows the vehicle without make and model: it never saw the asset library event.',
              ),
              l10n.t(
                'Run onboard again, then doctor; the vehicle must be activated before telemetry is sent.',
              ),
            ),
      );
    },
  }),
];

async function publish(
  { request, deps, deployment, stored }: CheckInput & Pick<Found, 'deployment' | 'stored'>,
  messages: EncodedMessage[],
  work: Work,
): Promise<void> {
  const { connection, device } = deps;
  await device.publish(
    {
      broker: await brokerOf(connection, work.signal),
      identity: stored.identity,
      clientId: deployment.codec.clientId(deployment.refOf(request.vin)),
      messages,
    },
    work,
  );
}

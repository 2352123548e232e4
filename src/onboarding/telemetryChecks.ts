import type { Work } from '../core/work.ts';
import { brokerOf } from '../provisioning/broker.ts';
import { encodeCarData } from '../telemetry/encodeCdf.ts';
import { restingSample } from '../telemetry/restingSample.ts';
import { fail, ok, type Check, type DiagnoseState } from './diagnoseDeps.ts';
import { known } from './onboardDeps.ts';

const RECEIVE_MS = 20_000;
const POLL_MS = 500;

/** Whether a message of this vehicle arrives. */
export const telemetryChecks: readonly Check[] = [
  {
    id: 'connect',
    title: 'MQTT connection as the vehicle',
    needs: ['deployment', 'stored'],
    async run(state, work) {
      await publish(state, [], work);
      state.connected = true;
      const { host, port } = await state.deps.connection.mqttEndpoint(work.signal);
      return ok(`Connected to ${host}:${port}.`);
    },
  },
  {
    id: 'publish',
    title: 'Publish telemetry',
    needs: ['signedIn', 'connected'],
    async run(state, work) {
      if (!state.request.publish) return { status: 'skip', message: 'Not asked for.' };
      const { vin, position } = state.request;
      const deployment = known(state.deployment, 'The deployment');
      const before = (await deployment.liveVehicle(vin, work.signal))?.position;
      // The heading tells this message from the one before, without moving the vehicle.
      const heading = (Math.floor(before?.headingDegrees ?? 0) + 1) % 360;
      const message = encodeCarData(restingSample({ ...(before ?? position), heading }, work.clock), {
        vin,
        thingName: deployment.thingNameOf(vin),
        tripId: 'doctor',
        simulationId: 'doctor',
        serial: 1,
      });
      await publish(state, [message], work);
      state.sentHeading = heading;
      return ok(`AWS IoT acknowledged a message on ${message.topic}.`);
    },
  },
  {
    id: 'received',
    title: 'Received by the fleet manager',
    needs: ['signedIn', 'sentHeading'],
    async run(state, { clock, signal }) {
      const { vin } = state.request;
      const until = clock.now() + RECEIVE_MS;
      for (;;) {
        const live = await known(state.deployment, 'The deployment').liveVehicle(vin, signal);
        if (live) state.live = live;
        if (live?.position?.headingDegrees === state.sentHeading) {
          return ok('The fleet manager shows this very message.');
        }
        if (clock.now() >= until) {
          return fail(
            live
              ? `The fleet manager still shows an older message of ${vin}.`
              : `The fleet manager does not know ${vin}.`,
            "AWS IoT took the message, so look at the topic rules of the stack and the ingest function's log.",
          );
        }
        await clock.sleep(POLL_MS, signal);
      }
    },
  },
  {
    id: 'enrichment',
    title: 'Shown with make and model',
    needs: ['live'],
    run(state) {
      const { make, model } = known(state.live, 'The live vehicle');
      return Promise.resolve(
        make !== '' && model !== ''
          ? ok(`${make} ${model}.`)
          : fail(
              'The fleet manager shows the vehicle without make and model: it never saw the asset library event.',
              'Run onboard again, then doctor; the vehicle must be activated before telemetry is sent.',
            ),
      );
    },
  },
];

async function publish(
  state: DiagnoseState,
  messages: { topic: string; payload: string }[],
  work: Work,
): Promise<void> {
  const { connection, device } = state.deps;
  await device.publish(
    {
      broker: await brokerOf(connection, work.signal),
      identity: known(state.stored, 'The certificate').identity,
      clientId: known(state.deployment, 'The deployment').thingNameOf(state.request.vin),
      messages,
    },
    work,
  );
}

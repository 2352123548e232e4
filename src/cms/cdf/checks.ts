import { l10n, type Message } from '../../core/message.ts';
import { poll, waits } from '../../core/retry.ts';
import { restingSample } from '../../telemetry/restingSample.ts';
import { type Check, checksOf, fail, type Found, ok, skip, warn } from '../contract/checks.ts';
import type { Credentials, PasswordNeed } from '../contract/credentials.ts';
import type { LiveVehicle } from '../contract/vehicles.ts';
import type { CdfApi } from './api.ts';
import { codec } from './codec/codec.ts';

interface CdfFound extends Found {
  /** What makes the published message recognisable in the fleet manager. */
  sentHeading: number;
  live: LiveVehicle;
}

const RECEIVE = { attempts: Infinity, withinMs: 20_000, backoff: waits(500) };
const ONBOARD_AGAIN = l10n.t('Run onboard for this vehicle: it continues where it is incomplete.');
const check = checksOf<CdfFound>();

/** What the doctor looks at in a CMS v1. */
export function createChecks(api: CdfApi, credentials: Credentials, need: PasswordNeed): readonly Check[] {
  return [
    check({
      id: 'asset-library-access',
      title: l10n.t('Asset library requires authentication'),
      stage: 'deployment',
      needs: [],
      async run(_, { signal }) {
        if (!(await api.assetLibraryOpen(signal))) return ok(l10n.t('It asks for a token.'));
        return warn(
          l10n.t('The asset library answers without any token: it is open to the internet.'),
          l10n.t(
            'Deploy the core stack with its Cognito or IAM authorizer, or restrict the API by a resource policy.',
          ),
        );
      },
    }),
    check({
      id: 'sign-in',
      title: l10n.t('Sign-in and token'),
      stage: 'deployment',
      needs: [],
      async run(_, { signal }) {
        const who = await credentials.password(need, signal);
        await api.signIn(who, { create: false }, signal);
        return ok(l10n.t('{username} has a token.', { username: who.username }), { signedIn: true });
      },
    }),
    check({
      id: 'registered',
      title: l10n.t('Vehicle and device in the asset library'),
      stage: 'vehicle',
      needs: ['signedIn', 'vehicle'],
      async run({ vehicle: { vin } }, { signal }) {
        const vehicle = await api.vehicle(vin, signal);
        const device = await api.device(vin, signal);
        if (!device) {
          return fail(l10n.t('The asset library has no device for {vin}.', { vin }), ONBOARD_AGAIN);
        }
        if (device.status !== 'installed') {
          return fail(notInstalled(vin, device.status), ONBOARD_AGAIN);
        }
        if (!vehicle) return fail(l10n.t('The asset library has no vehicle {vin}.', { vin }), ONBOARD_AGAIN);
        if (vehicle.owners.length === 0) {
          return warn(l10n.t('Vehicle {vin} has no owner.', { vin }), ONBOARD_AGAIN);
        }
        const { make, model } = vehicle;
        const owners = vehicle.owners.join(', ');
        return ok(l10n.t('{make} {model} of {owners}, device installed.', { make, model, owners }));
      },
    }),
    check({
      id: 'publish',
      title: l10n.t('Publish telemetry'),
      stage: 'telemetry',
      needs: ['signedIn', 'vehicle', 'publish', 'connected'],
      async run({ request, vehicle, publish }, work) {
        if (!request.publish) return skip(l10n.t('Not requested.'));
        const before = (await api.liveVehicle(vehicle.vin, work.signal))?.position;
        // The heading tells this message from the one before, without moving the vehicle.
        const heading = (Math.floor(before?.headingDegrees ?? 0) + 1) % 360;
        const sample = restingSample({ ...(before ?? request.position), heading }, work.clock);
        const message = codec.sample(sample, {
          ...vehicle,
          tripId: 'doctor',
          simulationId: 'doctor',
          serial: 1,
        });
        await publish([message], work);
        const { topic } = message;
        return ok(l10n.t('AWS IoT acknowledged a message on {topic}.', { topic }), { sentHeading: heading });
      },
    }),
    check({
      id: 'received',
      title: l10n.t('Received by the fleet manager'),
      stage: 'telemetry',
      needs: ['signedIn', 'vehicle', 'sentHeading'],
      async run({ vehicle: { vin }, sentHeading }, work) {
        const found: Partial<CdfFound> = {};
        const received = await poll(work, RECEIVE, async () => {
          const live = await api.liveVehicle(vin, work.signal);
          if (live) found.live = live;
          return live?.position?.headingDegrees === sentHeading ? live : undefined;
        });
        if (received) return ok(l10n.t('The fleet manager shows exactly this message.'), found);
        return fail(
          found.live
            ? l10n.t('The fleet manager still shows an older message of {vin}.', { vin })
            : l10n.t('The fleet manager does not know {vin}.', { vin }),
          l10n.t(
            "AWS IoT accepted the message, so check the topic rules of the stack and the ingest function's log.",
          ),
          found,
        );
      },
    }),
    check({
      id: 'enrichment',
      title: l10n.t('Shown with make and model'),
      stage: 'telemetry',
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
}

function notInstalled(vin: string, status: string | undefined): Message {
  return status === undefined
    ? l10n.t('The device of {vin} has no status; it is not installed.', { vin })
    : l10n.t('The device of {vin} is {status}, not installed.', { vin, status });
}

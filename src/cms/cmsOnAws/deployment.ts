import type { Connection } from '../../aws/connection.ts';
import { bucketArn } from '../../aws/consolePage.ts';
import { defined } from '../../core/defined.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Capability, CapabilityId } from '../contract/capability.ts';
import { type CredentialNeed, type Credentials, IAM } from '../contract/credentials.ts';
import type { Deployment } from '../contract/deployment.ts';
import type { FoundDeployment } from '../contract/generation.ts';
import type { StackInfo } from '../contract/stacks.ts';
import { createAlerts, createAlertList } from './alerts.ts';
import { createChecks } from './checks.ts';
import { codec } from './codec/codec.ts';
import { stackFacts } from './facts.ts';
import { createServiceToken } from './graphql/serviceToken.ts';
import { createTelemetryQuery, type TelemetryQuery } from './graphql/telemetryQuery.ts';
import { createStoredList } from './graphql/vehiclesWithTelemetry.ts';
import { createLastSeen } from './lastSeen.ts';
import { namesOf } from './names.ts';
import { createOnboarding } from './onboarding/onboarding.ts';
import { createProvisioner, NO_OWN_CA } from './provisioner.ts';
import { bucketIn, IDENTITY_PROVIDER, readRegistry, type Registry } from './registry.ts';
import { removalsOf } from './removals.ts';
import { createSimulatorApi } from './simulator/api.ts';
import { createCloudSimulator } from './simulator/simulator.ts';
import type { Sources } from './sources.ts';
import { createStore } from './store.ts';
import { findTables } from './tables.ts';
import { whoMayNotSend } from './telemetryAccess.ts';
import { createVehicles } from './vehicles.ts';

/** A CMS on AWS as the rest of the product sees it. Reads what its stacks do not say from AWS; changes nothing. */
export async function openDeployment(
  connection: Connection,
  found: FoundDeployment,
  { provisioning, credentials }: { provisioning: StackInfo; credentials: Credentials },
  signal: AbortSignal,
): Promise<Deployment> {
  const { name, stack, generation, parts } = found;
  const names = namesOf(name);
  const [registry, tables] = await Promise.all([
    readRegistry(connection, names, signal),
    findTables(connection, provisioning, signal),
  ]);
  const bucket = bucketIn(registry);
  const sources: Sources = {
    ...{ connection, names },
    store: createStore(connection, tables),
    lastSeen: bucket === undefined ? undefined : createLastSeen(connection, bucket),
  };
  const simulatorStack = parts['cms-vehicle-simulator'];
  const simulator =
    simulatorStack && createSimulatorApi(connection, { appId: name, stack: simulatorStack }, credentials);
  const query = telemetryQueryOf(connection, registry);
  const alerts = createAlerts(connection, parts['cms-alerts']);
  const uiUrl = registry['ui/deployment/url'];
  const provider = registry[IDENTITY_PROVIDER];
  return {
    ...{ generation, name, stack, uiUrl },
    facts: [
      ...stackFacts(found),
      ...(provider === undefined
        ? []
        : [{ id: 'identityProvider', label: l10n.t('Identity provider'), value: provider }]),
      ...(bucket === undefined
        ? []
        : [
            {
              id: 'bucket',
              label: l10n.t('Telemetry bucket'),
              value: bucket,
              ...defined({ arn: bucketArn(bucket, connection.region, stack.id) }),
            },
          ]),
    ],
    capabilities: () =>
      Promise.resolve(
        capabilitiesOf({
          ...{ uiUrl, bucket, simulator: simulator?.needs },
          hasLists: query !== undefined || alerts !== undefined,
        }),
      ),
    signIn: async (need, signing) => {
      if (need.kind === 'password') await simulator?.signIn(signing);
    },
    vehicles: createVehicles(sources),
    onboarding: createOnboarding(sources),
    certificates: createProvisioner(sources),
    telemetry: {
      ...{ codec, live: 'mqtt' },
      mayNotSend: (vehicles, looking) => whoMayNotSend(connection, vehicles, looking),
    },
    ...(simulator && { cloudSimulator: createCloudSimulator({ connection, api: simulator, bucket }) }),
    ...(alerts && { alerts }),
    lists: [
      ...(query ? [createStoredList(query, connection)] : []),
      ...(alerts ? [createAlertList(alerts)] : []),
    ],
    checks: createChecks(sources, registry, { query, bucket }),
    removals: (vehicle, _, removing) => removalsOf(sources, vehicle, removing),
  };
}

/** Undefined where the module cms-api is not deployed. */
function telemetryQueryOf(connection: Connection, registry: Registry): TelemetryQuery | undefined {
  const url = registry['api/graphql-endpoint/url'];
  const provider = registry[IDENTITY_PROVIDER];
  if (url === undefined || provider === undefined) return undefined;
  return createTelemetryQuery(connection, url, createServiceToken(connection, provider));
}

interface Able {
  readonly uiUrl: string | undefined;
  readonly bucket: string | undefined;
  readonly simulator: CredentialNeed | undefined;
  readonly hasLists: boolean;
}

function capabilitiesOf({ uiUrl, bucket, simulator, hasLists }: Able): Capability[] {
  const able = (id: CapabilityId, title: Message, no?: Message): Capability => ({
    id,
    title,
    needs: IAM,
    no,
  });
  return [
    able('vehicles', l10n.t('list vehicles')),
    able(
      'live',
      l10n.t('see what was stored last'),
      bucket === undefined ? l10n.t('the module cms-connect-store is not deployed') : undefined,
    ),
    able(
      'lists',
      l10n.t('list vehicles with telemetry, and alerts'),
      hasLists ? undefined : l10n.t('the modules cms-api and cms-alerts are not deployed'),
    ),
    able('onboard', l10n.t('onboard vehicles')),
    able('provision', l10n.t('make and renew certificates')),
    able('send', l10n.t('send telemetry as vehicles')),
    able('watch', l10n.t('watch telemetry')),
    able('jobs', l10n.t('send jobs'), l10n.t('its vehicles take no jobs')),
    able('owners', l10n.t('change owners'), l10n.t('it knows no owners')),
    able('ownCa', l10n.t('take vehicles with certificates of your own CA'), NO_OWN_CA),
    able('doctor', l10n.t('diagnose vehicles')),
    able('offboard', l10n.t('offboard vehicles')),
    able(
      'ui',
      l10n.t('open the web page'),
      uiUrl === undefined
        ? l10n.t('the module cms-ui is not deployed: make deploy leaves it out')
        : undefined,
    ),
    {
      id: 'cloudDrive',
      title: l10n.t('have the simulator of CMS send for vehicles'),
      needs: simulator ?? IAM,
      no: simulator === undefined ? l10n.t('the module cms-vehicle-simulator is not deployed') : undefined,
    },
  ];
}

import { isExposed } from '../../aws/exposed.ts';
import { createSession, type TokenSource } from '../../aws/cognito/session.ts';
import type { UserPool } from '../../aws/cognito/cognito.ts';
import type { Connection } from '../../aws/connection.ts';
import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Capability, CapabilityId } from '../contract/capability.ts';
import { type Credentials, type CredentialNeed, IAM, type PasswordNeed } from '../contract/credentials.ts';
import type { Deployment } from '../contract/deployment.ts';
import type { FoundDeployment } from '../contract/generation.ts';
import type { StackInfo } from '../contract/stacks.ts';
import { newPasswordRules, poolRules } from '../kit/passwordPolicy.ts';
import { createRest, type Rest } from '../kit/rest.ts';
import { createAlerts } from './alerts.ts';
import { createApi } from './api.ts';
import { createChecks } from './checks.ts';
import { codec } from './codec/codec.ts';
import { createCommands } from './commands.ts';
import { createEntry } from './entry.ts';
import { stackFacts } from './facts.ts';
import { createFeed } from './feed.ts';
import { createNamedLists } from './namedLists.ts';
import { namesOf } from './names.ts';
import { createOnboarding } from './onboarding/onboarding.ts';
import { createProvisioner, NO_OWN_CA } from './provisioner.ts';
import { outputOf } from './recognize.ts';
import { removalsOf } from './removals.ts';
import type { Sources } from './sources.ts';
import { createSimulationApi } from './simulator/api.ts';
import { createCloudSimulator } from './simulator/simulator.ts';
import { createTasks } from './simulator/tasks.ts';
import { createStore } from './store.ts';
import { createVehicles } from './vehicles.ts';
import { topicsFor } from './ways.ts';

/** A Guidance for Connected Mobility as the rest of the product sees it. Asks nobody for a password. */
export function createDeployment(
  connection: Connection,
  found: FoundDeployment,
  credentials: Credentials,
): Deployment {
  const { name, stack, generation, parts } = found;
  const names = namesOf(name);
  const need: PasswordNeed = {
    kind: 'password',
    realm: stack.name,
    label: l10n.t('E-mail address of a user of the CMS'),
  };
  const pool: UserPool = {
    connection,
    userPoolId: needed(stack, 'UserPoolId'),
    clientId: needed(stack, 'UserPoolClientId'),
    usernames: 'e-mail',
  };
  const session = createSession(pool);
  const entry = createEntry(pool, session, credentials, need);
  // Whoever asks the API first signs in.
  const tokens: TokenSource = {
    async idToken(signal) {
      await entry.enter(signal);
      return session.idToken(signal);
    },
    renew: (refused, signal) => session.renew(refused, signal),
  };
  const { clock, random } = connection;
  const restOf = (service: Message, baseUrl: string): Rest =>
    createRest(connection.http(), {
      ...{ service, baseUrl, mediaType: 'application/json', tokens, clock, random },
      refused: l10n.t(
        'Sign in again. If that changes nothing, the APIs of the stage and its user pool do not belong together: deploy the stack ui again.',
      ),
    });
  const data = parts['data-processing'] && outputOf(parts['data-processing'], 'APIEndpoint');
  const sources: Sources = {
    ...{ connection, names, entry },
    api: createApi(
      restOf(l10n.t('the API of the CMS'), needed(stack, 'APIEndpoint')),
      data === undefined ? undefined : restOf(l10n.t('the data-processing API'), data),
    ),
    store: createStore(connection, names),
  };
  const commandsUrl = parts.commands && outputOf(parts.commands, 'CommandsApiUrl');
  const simulationUrl = parts.simulation && outputOf(parts.simulation, 'SimulationApiUrl');
  const uiUrl = uiUrlOf(outputOf(stack, 'CustomDomainURL') ?? outputOf(stack, 'CloudFrontURL'));
  return {
    ...{ generation, name, stack, uiUrl },
    facts: stackFacts(found),
    capabilities: () => Promise.resolve(capabilitiesOf(need, { uiUrl, commandsUrl, simulationUrl })),
    signIn: (_, signal) => entry.sign(signal),
    passwordRules: (username, signal) => newPasswordRules(pool, username, signal),
    poolPasswordRules: (signal) => poolRules(pool, signal),
    vehicles: createVehicles(sources, need),
    onboarding: createOnboarding(sources),
    certificates: createProvisioner(sources),
    telemetry: {
      codec,
      live: createFeed(sources, { url: outputOf(stack, 'WebSocketEndpoint'), tokens }),
      topics: (some, signal) => topicsFor(connection, names, some, signal),
    },
    ...(commandsUrl === undefined
      ? {}
      : { commands: createCommands(restOf(l10n.t('the commands API'), commandsUrl), need) }),
    ...(simulationUrl === undefined
      ? {}
      : {
          cloudSimulator: createCloudSimulator(sources, {
            api: createSimulationApi(restOf(l10n.t('the simulation API'), simulationUrl)),
            tasks: createTasks(connection, `${names.prefix}-simulation`),
            needs: need,
          }),
        }),
    alerts: createAlerts(sources, need),
    lists: createNamedLists(sources.api, entry, need),
    checks: createChecks(sources, found),
    removals: (vehicle, _, signal) => removalsOf(sources, vehicle, signal),
  };
}

function needed(stack: StackInfo, key: string): string {
  const value = outputOf(stack, key);
  if (value !== undefined) return value;
  throw new CmsError(
    'STACK_OUTPUT_MISSING',
    l10n.t('The stack is missing required outputs: {outputs}.', { outputs: key }),
    {
      remedy: l10n.t('Update the stack from the CMS templates, or choose another one.'),
      details: { missing: key },
    },
  );
}

/** An endpoint on this computer in place of AWS is no reason to open what is not. */
function uiUrlOf(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  return URL.canParse(url) && !isExposed(url) ? url : undefined;
}

function capabilitiesOf(
  password: PasswordNeed,
  {
    uiUrl,
    commandsUrl,
    simulationUrl,
  }: Record<'uiUrl' | 'commandsUrl' | 'simulationUrl', string | undefined>,
): Capability[] {
  const able = (id: CapabilityId, needs: CredentialNeed, title: Message, no?: Message): Capability => ({
    ...{ id, needs, title, no },
  });
  return [
    able('vehicles', password, l10n.t('list vehicles')),
    able('live', password, l10n.t('see what the CMS shows')),
    able('lists', password, l10n.t('list fleets, model manifests and drivers')),
    able('onboard', password, l10n.t('onboard vehicles')),
    able('provision', IAM, l10n.t('fetch and renew certificates')),
    able('send', IAM, l10n.t('send telemetry as vehicles')),
    able('watch', password, l10n.t('watch telemetry')),
    able('jobs', IAM, l10n.t('send jobs'), l10n.t('its vehicles take no jobs')),
    able(
      'commands',
      password,
      l10n.t('send commands'),
      commandsUrl === undefined ? l10n.t('its stack commands is not deployed') : undefined,
    ),
    able(
      'cloudDrive',
      password,
      l10n.t('hand vehicles over to its own simulator'),
      simulationUrl === undefined ? l10n.t('its stack simulation is not deployed') : undefined,
    ),
    able('owners', password, l10n.t('change owners'), l10n.t('it knows no owners')),
    able('ownCa', IAM, l10n.t('take vehicles with certificates of your own CA'), NO_OWN_CA),
    able('doctor', password, l10n.t('diagnose vehicles')),
    able('offboard', password, l10n.t('offboard vehicles')),
    able(
      'ui',
      password,
      l10n.t('open the web page'),
      uiUrl === undefined ? l10n.t('no CloudFront address is among the outputs') : undefined,
    ),
  ];
}

import { defined } from '../core/defined.ts';
import { expectField } from '../core/expectField.ts';
import { l10n, type Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import { findWay, targetOfUrl } from '../network/proxySettings.ts';
import { isThisMachine } from '../network/thisMachine.ts';
import type { CallerIdentity, Connection, ConnectionOptions, MqttEndpoint } from './connection.ts';
import { credentialsOf } from './credentials.ts';
import { endpointConfig } from './endpointConfig.ts';
import { toCmsError } from './errors.ts';
import { exposureWarning, refuseExposed } from './exposed.ts';
import { calling } from './calls.ts';
import { createHttp } from './http.ts';
import { createOutbound } from './outbound.ts';
import { amazonRootCa, amazonRoots } from './rootCa.ts';
import { resolveSettings } from './settings.ts';
import type { ServiceKey } from './settings.ts';
import { parseMqttEndpoint } from './mqttEndpoint.ts';

/** Of any service. */
interface Client {
  destroy(): void;
  readonly middlewareStack: { use(plugin: object): void };
}

/** Calls that are answered with a private key. */
const VERIFYING = l10n.t('verifying the AWS credentials (GetCallerIdentity)');
const UNVERIFIED = l10n.t('Couldn’t verify the AWS credentials (GetCallerIdentity)');

const MAKING_KEYS = /^(CreateProvisioningClaim|CreateKeysAndCertificate)Command$/;

/**
 * Opens the way to one account and region. Reads the AWS config files and the CA files, and nothing else: the
 * first AWS call happens when a client is used, and credentials are asked for then.
 * @throws CmsError PROFILE_UNKNOWN, REGION_MISSING, REQUEST_INVALID (endpoint), CA_FILE_UNREADABLE, SANDBOX_NOT_OURS
 *   (not where its ready file says)
 */
export async function createConnection(
  options: ConnectionOptions,
  { clock, random }: Pick<Work, 'clock' | 'random'>,
): Promise<Connection> {
  const settings = await resolveSettings(options);
  const outbound = await createOutbound(settings, options);
  const { agents, requestHandler, proxies, roots, caFiles, proxyTo, answers } = outbound;
  const credentials = credentialsOf(options, { settings, requestHandler, proxyTo, answers }, clock);
  const configOf = (service: ServiceKey) => ({
    region: settings.region,
    credentials: async () => {
      const known = await credentials();
      if (known.sessionToken !== undefined) refuseExposed(settings.endpointOf(service), 'token');
      return known;
    },
    requestHandler,
    ...settings.retry,
    ...settings.variants,
    customUserAgent: 'cms-enablement',
    // What else it says holds, too; without it AWS_PROFILE or `default` would.
    ...defined({ profile: settings.profile }),
    ...endpointConfig(settings.endpointOf(service)),
  });

  const open: { destroy(): void }[] = [];
  const keep = <T extends Client>(client: T): T => {
    client.middlewareStack.use(answers);
    open.push(client);
    return client;
  };
  // Loaded at first use: an SDK client costs tens of milliseconds, and most work needs only some.
  const cloudFormation = once(async () => {
    const { CloudFormationClient } = await import('@aws-sdk/client-cloudformation');
    return keep(new CloudFormationClient(configOf('cloudformation')));
  });
  const cognito = once(async () => {
    const { CognitoIdentityProviderClient } = await import('@aws-sdk/client-cognito-identity-provider');
    refuseExposed(settings.endpointOf('cognito_identity_provider'), 'password');
    return keep(new CognitoIdentityProviderClient(configOf('cognito_identity_provider')));
  });
  const iam = once(async () => {
    const { IAMClient } = await import('@aws-sdk/client-iam');
    return keep(new IAMClient(configOf('iam')));
  });
  const iot = once(async () => {
    const { IoTClient } = await import('@aws-sdk/client-iot');
    const client = keep(new IoTClient(configOf('iot')));
    client.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (MAKING_KEYS.test(commandName ?? '')) refuseExposed(settings.endpointOf('iot'), 'key');
          return next(args);
        },
      { step: 'initialize', name: 'refuseExposedKeys' },
    );
    return client;
  });

  const dynamoDb = once(async () => {
    const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
    return keep(new DynamoDBClient(configOf('dynamodb')));
  });
  const s3 = once(async () => {
    const { S3Client } = await import('@aws-sdk/client-s3');
    // An endpoint of one's own has no host for each bucket.
    const forcePathStyle = settings.endpointOf('s3') !== undefined;
    return keep(new S3Client({ ...configOf('s3'), forcePathStyle }));
  });
  const secretsManager = once(async () => {
    const { SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
    refuseExposed(settings.endpointOf('secrets_manager'), 'key');
    return keep(new SecretsManagerClient(configOf('secrets_manager')));
  });
  const ssm = once(async () => {
    const { SSMClient } = await import('@aws-sdk/client-ssm');
    return keep(new SSMClient(configOf('ssm')));
  });

  let identity: { accessKeyId: string; of: CallerIdentity } | undefined;
  async function askIdentity(signal?: AbortSignal): Promise<CallerIdentity> {
    const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
    const client = new STSClient(configOf('sts'));
    client.middlewareStack.use(answers);
    try {
      const answer = await client.send(new GetCallerIdentityCommand({}), defined({ abortSignal: signal }));
      return {
        accountId: expectField(answer, 'Account', 'GetCallerIdentity'),
        arn: expectField(answer, 'Arn', 'GetCallerIdentity'),
      };
    } catch (error) {
      throw toCmsError(error, VERIFYING, UNVERIFIED);
    } finally {
      client.destroy();
    }
  }

  const http = createHttp(agents, proxyTo);
  async function mqttEndpoint(signal?: AbortSignal): Promise<MqttEndpoint> {
    const { DescribeEndpointCommand } = await import('@aws-sdk/client-iot');
    try {
      const command = new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' });
      const answer = await (await iot()).send(command, defined({ abortSignal: signal }));
      const endpoint = parseMqttEndpoint(expectField(answer, 'endpointAddress', 'DescribeEndpoint'));
      const { mqttPort } = options;
      return mqttPort === undefined ? endpoint : { host: endpoint.host, port: mqttPort };
    } catch (error) {
      throw toCmsError(error, l10n.t('asking for the IoT endpoint'));
    }
  }
  const local = settings.endpoint !== undefined && isThisMachine(targetOfUrl(settings.endpoint).host);
  // A program on this machine is its own authority, and nothing else is; anywhere else a company's CA is added.
  const alone = local ? caFiles.own : undefined;
  return {
    label: l10n.list(
      [credentialsName(options, settings.profile), settings.region, settings.endpoint ?? []].flat(),
      'comma',
    ),
    region: settings.region,
    endpoint: settings.endpoint,
    warning: exposureWarning(settings.endpoint),
    agent: agents.fresh,
    proxyTo,
    clock,
    random,
    cloudFormation,
    cognito,
    dynamoDb,
    iam,
    iot,
    s3,
    secretsManager,
    ssm,
    async identity(signal) {
      const { accessKeyId } = await calling(VERIFYING, credentials, UNVERIFIED);
      // Renewed credentials may be another account's: the profile, or who signed in, may have changed.
      if (identity?.accessKeyId === accessKeyId) return identity.of;
      const asked = await askIdentity(signal);
      identity = { accessKeyId, of: asked };
      return asked;
    },
    mqttEndpoint,
    async broker(signal) {
      const { host, port, otherPort } = await mqttEndpoint(signal);
      const rootCaPem = alone ?? [...amazonRoots(), ...caFiles.all].join('\n');
      const wayTo = (to: number) => findWay(proxies, { secure: true, host, port: to });
      const proxy = await wayTo(port);
      const otherWay = otherPort === undefined ? undefined : { proxy: await wayTo(otherPort) };
      const speaksTls = [proxy, otherWay?.proxy].some((way) => way?.url.startsWith('https:'));
      const proxyRoots = speaksTls ? await roots() : undefined;
      return { host, port, rootCaPem, proxy, ...defined({ otherPort, otherWay, proxyRoots }) };
    },
    rootCa: () => {
      const added = settings.endpoint === undefined ? [] : caFiles.all;
      return Promise.resolve(alone ?? [...added, amazonRootCa()].join('\n'));
    },
    http: () => http,
    dispose() {
      for (const client of open.splice(0)) client.destroy();
      outbound.close();
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

function credentialsName(options: ConnectionOptions, profile: string | undefined): Message {
  if (options.credentials !== undefined) return l10n.t('access keys');
  return profile === undefined ? l10n.t('default credentials') : l10n.t('profile {profile}', { profile });
}

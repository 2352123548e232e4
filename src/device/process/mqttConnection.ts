import { setTimeout as delay } from 'node:timers/promises';
import { CrtError, iot, mqtt } from 'aws-iot-device-sdk-v2';
import { type CmsError, isCmsError, messageOf } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import { keepPrivateKey } from '../../core/secrets.ts';
import type { DeviceIdentity } from '../../protocol/device.ts';
import { isAwsHost } from '../../network/awsHosts.ts';
import { bounded } from './bounded.ts';
import {
  type Attempt,
  connectFailed,
  connectionLost,
  handshakeFailed,
  inspected,
  noAnswerInTime,
  unreachable,
  unusable,
} from './connectErrors.ts';
import { codeOfNative } from './nativeCodes.ts';
import { nativeProxy } from './nativeProxy.ts';
import { serverProblem } from './serverCheck.ts';

export interface MqttConnection {
  readonly client: mqtt.MqttClientConnection;
  /** Aborted when the connection drops, with a CmsError MQTT_CONNECTION_LOST as its reason. */
  readonly lost: AbortSignal;
  /** Disconnects. Never fails and never waits long. */
  close(): Promise<void>;
}

export interface ConnectRequest extends Attempt {
  identity: DeviceIdentity;
  timeoutMs: number;
}

/** The shortest keep-alive of AWS IoT. A dead connection is noticed within twice that time. */
const KEEP_ALIVE_SECONDS = 30;
const CLOSE_TIMEOUT_MS = 2000;
/** When connecting takes this long, the server's certificate is checked separately. */
const SUSPICIOUS_MS = 1500;
/** Of that check after a refusal, which came from somewhere: it does not take long. */
const CHECK_TIMEOUT_MS = 3000;

/**
 * Opens MQTT over mutual TLS, trusting only the given root. The server's certificate is always verified.
 * Throws CmsError ENDPOINT_UNREACHABLE, MQTT_CONNECT_REFUSED, CERTIFICATE_UNUSABLE or CANCELLED.
 */
export async function connectMqtt(request: ConnectRequest, signal: AbortSignal): Promise<MqttConnection> {
  const client = makeClient(request);
  const lost = new AbortController();
  let failure: CrtError | undefined;
  client.on('connection_failure', ({ error }) => {
    if (error instanceof CrtError) failure = error;
  });
  client.on('interrupt', (error) => lost.abort(connectionLost(request, l10n.verbatim(nameOf(error)))));

  const connecting = client.connect();
  const close = async () => {
    const closing = client.disconnect();
    const bounds = { timeoutMs: CLOSE_TIMEOUT_MS, signal: new AbortController().signal };
    await bounded(closing, bounds, () => new Error('still closing')).catch(() => undefined);
  };
  const settled = new AbortController();
  try {
    const timedOut = () => unreachable(request, noAnswerInTime);
    const first = Promise.race([connecting, rejectBadServer(request, settled.signal)]);
    await bounded(first, { timeoutMs: request.timeoutMs, signal }, timedOut);
  } catch (error) {
    // If the connection opens after the wait has ended, close it at once.
    connecting.then(close, () => undefined);
    if (isCmsError(error)) throw error;
    const known = connectFailure(request, failure?.error_name, messageOf(failure ?? error));
    throw known.code === 'MQTT_CONNECT_REFUSED' ? ((await inspectedBy(request)) ?? known) : known;
  } finally {
    settled.abort();
  }
  return { client, lost: lost.signal, close };
}

/** Rejects during a slow connect if the server's certificate is the reason; otherwise never settles. */
async function rejectBadServer(request: ConnectRequest, settled: AbortSignal): Promise<never> {
  const never = new Promise<never>(() => undefined);
  try {
    await delay(SUSPICIOUS_MS, undefined, { signal: settled });
  } catch {
    return never;
  }
  const problem = await serverProblem(request.broker, request.timeoutMs);
  if (problem === undefined) return never;
  throw problem.kind === 'inspected'
    ? inspected(request, problem.signer)
    : handshakeFailed(request, problem.code, problem.cert);
}

/** Of a connection that was refused: whether it was AWS that did so. */
async function inspectedBy(request: ConnectRequest): Promise<CmsError | undefined> {
  if (!isAwsHost(request.broker.host)) return undefined;
  const problem = await serverProblem(request.broker, Math.min(request.timeoutMs, CHECK_TIMEOUT_MS));
  return problem?.kind === 'inspected' ? inspected(request, problem.signer) : undefined;
}

function makeClient(request: ConnectRequest): mqtt.MqttClientConnection {
  const { broker, identity } = request;
  keepPrivateKey(identity.privateKeyPem);
  const proxy = broker.proxy === undefined ? undefined : nativeProxy(broker.proxy, broker.proxyRoots);
  try {
    const builder = iot.AwsIotMqttConnectionConfigBuilder.new_mtls_builder(
      identity.certificatePem,
      identity.privateKeyPem,
    );
    if (proxy !== undefined) builder.with_http_proxy_options(proxy);
    const config = builder
      .with_certificate_authority(broker.rootCaPem)
      .with_endpoint(broker.host)
      .with_port(broker.port)
      .with_client_id(request.clientId)
      .with_clean_session(true)
      .with_keep_alive_seconds(KEEP_ALIVE_SECONDS)
      .with_ping_timeout_ms(Math.min(request.timeoutMs, (KEEP_ALIVE_SECONDS - 1) * 1000))
      // Longer than our own timeout, which does not count as a broken connection.
      .with_protocol_operation_timeout_ms(request.timeoutMs + 5000)
      .build();
    return new mqtt.MqttClient().new_connection(config);
  } catch (error) {
    throw unusable(request, error);
  }
}

function nameOf(error: CrtError): string {
  return error.error_name ?? error.message;
}

/** The error for a failure that the native library names, in the same words as for one that Node.js names. */
function connectFailure(request: ConnectRequest, name: string | undefined, text: string): CmsError {
  return connectFailed(request, codeOfNative(name) ?? name ?? '', { why: l10n.verbatim(name ?? text) });
}

import { setTimeout as delay } from 'node:timers/promises';
import { CrtError, iot, mqtt } from 'aws-iot-device-sdk-v2';
import { CmsError, isCancelled, messageOf } from '../../core/errors.ts';
import type { DeviceIdentity } from '../../protocol/device.ts';
import { bounded } from './bounded.ts';
import {
  type Attempt,
  connectionLost,
  handshakeFailed,
  refused,
  unreachable,
  unusable,
} from './connectErrors.ts';
import { serverProblem } from './serverCheck.ts';

export interface MqttConnection {
  readonly client: mqtt.MqttClientConnection;
  /** Aborted when the connection drops, with a CmsError MQTT_CONNECTION_LOST as its reason. */
  readonly lost: AbortSignal;
  /** Ends the connection politely; never fails and never waits long. */
  close(): Promise<void>;
}

export interface ConnectRequest extends Attempt {
  identity: DeviceIdentity;
  timeoutMs: number;
}

/** AWS IoT's shortest useful keep-alive is 30 s; a vehicle that hangs is noticed within twice that. */
const KEEP_ALIVE_SECONDS = 30;
const CLOSE_TIMEOUT_MS = 2000;
/** A handshake that takes longer is looked into. */
const SUSPICIOUS_MS = 1500;

/**
 * Opens MQTT over mutual TLS, trusting the given root only; the server's certificate is always verified.
 * Throws CmsError ENDPOINT_UNREACHABLE, MQTT_CONNECT_REFUSED, CERTIFICATE_UNUSABLE or CANCELLED.
 */
export async function connectMqtt(request: ConnectRequest, signal: AbortSignal): Promise<MqttConnection> {
  const client = makeClient(request);
  const lost = new AbortController();
  let failure: CrtError | undefined;
  client.on('connection_failure', ({ error }) => {
    if (error instanceof CrtError) failure = error;
  });
  client.on('interrupt', (error) => lost.abort(connectionLost(request, nameOf(error))));

  const connecting = client.connect();
  const close = async () => {
    const closing = client.disconnect();
    const bounds = { timeoutMs: CLOSE_TIMEOUT_MS, signal: new AbortController().signal };
    await bounded(closing, bounds, () => new Error('still closing')).catch(() => undefined);
  };
  const settled = new AbortController();
  try {
    const late = () => unreachable(request, 'no answer in time');
    const first = Promise.race([connecting, refusedByUs(request, settled.signal)]);
    await bounded(first, { timeoutMs: request.timeoutMs, signal }, late);
  } catch (error) {
    // A connection that comes up when nobody waits for it any more is closed at once.
    connecting.then(close, () => undefined);
    if (error instanceof CmsError || isCancelled(error)) throw error;
    throw connectFailure(request, failure?.error_name, messageOf(failure ?? error));
  } finally {
    settled.abort();
  }
  return { client, lost: lost.signal, close };
}

/** Rejects, some time into a slow connect, if the server's certificate is why; otherwise never settles. */
async function refusedByUs(request: ConnectRequest, settled: AbortSignal): Promise<never> {
  const never = new Promise<never>(() => undefined);
  try {
    await delay(SUSPICIOUS_MS, undefined, { signal: settled });
  } catch {
    return never;
  }
  const problem = await serverProblem(request.broker, request.timeoutMs);
  if (problem === undefined) return never;
  throw handshakeFailed(request, problem);
}

function makeClient(request: ConnectRequest): mqtt.MqttClientConnection {
  const { broker, identity } = request;
  try {
    const config = iot.AwsIotMqttConnectionConfigBuilder.new_mtls_builder(
      identity.certificatePem,
      identity.privateKeyPem,
    )
      .with_certificate_authority(broker.rootCaPem)
      .with_endpoint(broker.host)
      .with_port(broker.port)
      .with_client_id(request.clientId)
      .with_clean_session(true)
      .with_keep_alive_seconds(KEEP_ALIVE_SECONDS)
      .with_ping_timeout_ms(Math.min(request.timeoutMs, (KEEP_ALIVE_SECONDS - 1) * 1000))
      // Our own bound, which is told apart from a broken connection, comes first.
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

/** The names of the native library's errors, in words, with what usually lies behind them. */
function connectFailure(request: ConnectRequest, name: string | undefined, text: string): CmsError {
  if (
    name !== undefined &&
    /DNS|SOCKET_(CONNECTION_REFUSED|TIMEOUT|NO_ROUTE|NETWORK_DOWN|INVALID)/.test(name)
  ) {
    return unreachable(request, text.replace(/\.$/, ''));
  }
  if (name !== undefined && /TLS_(ERROR_)?(NEGOTIATION|DEFAULT_TRUST|UNKNOWN_ROOT|INVALID_CERT)/.test(name)) {
    return handshakeFailed(request, name);
  }
  return refused(request, name ?? text);
}

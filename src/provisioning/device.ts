import type { Connection } from '../aws/connection.ts';
import { defined } from '../core/defined.ts';
import type { Work } from '../core/work.ts';
import type { Broker, DeviceIdentity } from '../protocol/device.ts';

export interface IssuedCertificate {
  certificateId: string;
  certificatePem: string;
  /** Absent when a CSR was sent: the key never left its maker. */
  privateKeyPem: string | undefined;
}

export interface ClaimRequest {
  broker: Broker;
  claim: DeviceIdentity;
  clientId: string;
  templateName: string;
  parameters: Record<string, string>;
  csrPem?: string | undefined;
  /** Bound of each single wait, in milliseconds. */
  timeoutMs?: number | undefined;
}

export interface PublishRequest {
  broker: Broker;
  identity: DeviceIdentity;
  clientId: string;
  messages: readonly { topic: string; payload: Uint8Array }[];
  timeoutMs?: number | undefined;
}

/**
 * The vehicle's side of MQTT, in a process of its own because it runs native code.
 * A front end starts it (src/device/client.ts) and hands it to the work.
 */
export interface Device {
  /** Fleet provisioning; `save` must have the certificate safely on disk before it resolves. */
  claim(
    request: ClaimRequest,
    save: (issued: IssuedCertificate) => Promise<void>,
    work: Work,
  ): Promise<{ certificateId: string; thingName: string }>;
  /** Connects, publishes at QoS 1, resolves when all are acknowledged. */
  publish(request: PublishRequest, work: Work): Promise<void>;
  dispose(): void;
}

/** Where the vehicles of an account connect to, and which root certificate they trust there. */
export async function brokerOf(connection: Connection, signal?: AbortSignal): Promise<Broker> {
  const { host, port, rootCaPem, proxy, otherPort, otherWay, proxyRoots } = await connection.broker(signal);
  const ways = { proxy, otherPort, otherWay: otherWay && defined(otherWay) };
  return { host, port, rootCaPem, ...defined({ ...ways, proxyRoots: proxyRoots && [...proxyRoots] }) };
}

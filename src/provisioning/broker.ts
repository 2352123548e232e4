import type { Connection } from '../aws/connection.ts';
import type { Broker } from '../protocol/device.ts';

/** Where the vehicles of an account connect to, and which root they trust there. */
export async function brokerOf(connection: Connection, signal?: AbortSignal): Promise<Broker> {
  const { host, port } = await connection.mqttEndpoint(signal);
  return { host, port, rootCaPem: await connection.rootCa() };
}

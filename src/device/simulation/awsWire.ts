import { mqtt } from 'aws-iot-device-sdk-v2';
import type { SimulateOrder } from '../../protocol/simulation.ts';
import { connectMqtt } from '../mqttConnection.ts';
import type { Wire } from './link.ts';
import type { VehicleOrder } from './simulate.ts';

/** Orders whose server has let somebody in: for the rest of a fleet it need not be looked at again. */
const known = new WeakSet<SimulateOrder>();

/**
 * Opens a vehicle's own connection, with its production certificate and its thing name as the client id. It subscribes
 * to nothing: the device policy of CMS v1 forbids `dt/cvra/…` and names command topics in a form that no real command
 * matches, and AWS IoT drops a client that subscribes to what it may not.
 */
export async function openWire(
  order: SimulateOrder,
  vehicle: VehicleOrder,
  signal: AbortSignal,
): Promise<Wire> {
  const connection = await connectMqtt(
    {
      broker: order.broker,
      identity: vehicle.identity,
      clientId: vehicle.thingName,
      timeoutMs: order.limits.connectTimeoutMs,
      what: `production certificate of ${vehicle.vin}`,
      serverKnown: known.has(order),
    },
    signal,
  );
  known.add(order);
  return {
    publish: (topic, payload) => connection.client.publish(topic, payload, mqtt.QoS.AtLeastOnce),
    lost: connection.lost,
    close: () => connection.close(),
  };
}

import { isObject, type Json, plain } from '../../../kit/json.ts';
import { type FacadeDeployment, paths, templates } from './deployment.ts';
import { FacadeError, inner, InnerError } from './errors.ts';
import { fails } from './stepFaults.ts';
import { readVehicle, type VehicleRequest } from './vehicle.ts';

/**
 * POST /suppliers/{externalId}/devices/{deviceId}/activate. The supplier in the path is ignored.
 * Success and failure are both announced over MQTT: `cdf/{deviceId}/activate/accepted` or `…/rejected`.
 */
export function activateDevice(deployment: FacadeDeployment, deviceId: string, activation: Json): void {
  const requested = activation.vehicle;
  const vin = isObject(requested) && requested.vin !== undefined ? requested.vin : 'UNKNOWN';
  try {
    const year = new Date(deployment.clock.now()).getFullYear();
    const vehicle = readVehicle(activation, deviceId, year);
    activate(deployment, deviceId, vehicle);
    notify(deployment, `cdf/${deviceId}/activate/accepted`, { deviceId, vin });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    notify(deployment, `cdf/${deviceId}/activate/rejected`, { deviceId, vin, message });
    throw error;
  }
}

function activate({ library }: FacadeDeployment, deviceId: string, vehicle: VehicleRequest): void {
  if (!inner(() => library.devices.get(deviceId))) throw new FacadeError('TCU_NOT_WHITELISTED');
  const path = `${paths.vehicles}/${vehicle.vin}`;
  const group = {
    name: vehicle.vin,
    templateId: templates.vehicle,
    parentPath: paths.vehicles,
    attributes: plain(vehicle.attributes),
  };
  try {
    inner(() => library.groups.create(group));
  } catch (error) {
    if (!(error instanceof InnerError) || error.status !== 409) throw error;
    inner(() => library.groups.update(path, group));
  }
  inner(() => library.devices.attachToGroup(deviceId, 'installed_in', 'out', path));
  inner(() =>
    library.devices.update(deviceId, {
      attributes: plain({ status: 'installed', softwareVersion: vehicle.tcu.softwareVersion }),
    }),
  );
  addUnits(library, path, vehicle.others);
}

/** Creates the other control units: only `installed_in`, state unprovisioned. An existing one fails the call. */
function addUnits(library: FacadeDeployment['library'], path: string, units: Json[]): void {
  if (units.length === 0) return;
  const result = inner(() =>
    library.devices.createEach(
      units.map((unit) => ({
        ...(plain({ deviceId: unit.id }) as Json),
        templateId: templates.ecu,
        attributes: plain({ type: unit.type, softwareVersion: unit.softwareVersion }),
        groups: { installed_in: [path] },
      })),
    ),
  );
  if (result.failed > 0) {
    throw new FacadeError(`ECU_CREATION_FAILED:\n${JSON.stringify(result.errors)}`);
  }
}

function notify({ publish, faults }: FacadeDeployment, topic: string, notice: Json): void {
  if (fails(faults, 'activate:publish')) throw new FacadeError('MQTT_PUBLISH_FAILED');
  try {
    publish(topic, JSON.stringify(notice));
  } catch {
    throw new FacadeError('MQTT_PUBLISH_FAILED');
  }
}

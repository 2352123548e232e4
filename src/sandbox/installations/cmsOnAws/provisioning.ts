import * as z from 'zod';
import type { Context } from '../../kernel/context.ts';
import type { Items } from '../../services/dynamodb/tables.ts';
import type { Item, Value } from '../../services/dynamodb/values.ts';
import type { Iot } from '../../services/iot/iot.ts';
import type { Aws } from '../../services/services.ts';
import type { Names } from './names.ts';
import {
  authorisedVehicle,
  canonicalVin,
  type CertificateState,
  provisionedItem,
  provisionedVehicle,
} from './records.ts';

/** The functions of the module `cms-provisioning`, faults and order as in the original. */
export interface ProvisioningFunctions {
  /** The pre-provisioning hook. */
  preProvisioning(payload: unknown): { allowProvisioning: boolean; parameterOverrides: object };
  /** For each registry event about a thing of the account. */
  postProvisioning(event: unknown): void;
  /** For each message on `vehicleactive/#`. */
  initialConnection(message: unknown): void;
}

const STRANGER = 'AUTHORIZED_VEHICLE_NOT_FOUND';

const hookPayload = z.object({
  certificateId: z.string(),
  parameters: z.record(z.string(), z.string()),
});
const eventPayload = z.object({
  operation: z.string(),
  thingName: z.string(),
  attributes: z.record(z.string(), z.string()),
});
const activePayload = z.object({ vin: z.string(), certificate_id: z.string() });

export function createProvisioningFunctions(
  { config }: Context,
  { dynamoDb, iot }: { dynamoDb: Aws['dynamoDb']; iot: Pick<Iot, 'parts'> },
  names: Names,
): ProvisioningFunctions {
  const { certificates, things, policies, state } = iot.parts;
  const provisioned = (): Items => dynamoDb.tables.find(names.provisioned);
  const keyOf = (vin: string, certificateId: string): Item => ({
    vin: { S: vin },
    certificate_id: { S: certificateId },
  });

  /** As UpdateItem: makes a row of the key and this attribute alone when there is none. */
  function set(vin: string, certificateId: string, name: string, value: Value): void {
    const key = keyOf(vin, certificateId);
    const items = provisioned();
    items.put({ ...(items.get(key) ?? key), [name]: value });
  }

  const setStatus = (vin: string, certificateId: string, status: CertificateState): void =>
    set(vin, certificateId, 'certificate_status', { S: status });

  /** The vehicle's certificates are switched off before anybody asks whether the new one is allowed. */
  function deactivateOthers(vin: string, certificateId: string): void {
    for (const item of provisioned().partition({ S: vin })) {
      const row = provisionedVehicle(item);
      const isOn = row.status === 'ACTIVE' || row.status === 'PENDING_ACTIVATION';
      if (!isOn || row.certificateId === certificateId) continue;
      certificates.update(row.certificateId, 'INACTIVE');
      setStatus(vin, row.certificateId, 'INACTIVE');
    }
  }

  return {
    preProvisioning(payload) {
      const { certificateId, parameters } = hookPayload.parse(payload);
      const refused = { allowProvisioning: false, parameterOverrides: {} };
      if (parameters.vin === undefined) return refused;
      const vin = canonicalVin(parameters.vin);
      deactivateOthers(vin, certificateId);
      const item = dynamoDb.tables.find(names.authorised).get({ vin: { S: vin } });
      const authorised = item && authorisedVehicle(item);
      provisioned().put(
        provisionedItem({
          vin,
          certificateId,
          make: authorised?.make ?? STRANGER,
          model: authorised?.model ?? STRANGER,
          year: authorised?.year ?? STRANGER,
          region: config.region,
          thingName: `Vehicle_${vin}`,
          status: 'PENDING_ACTIVATION',
          connectedOnce: false,
        }),
      );
      if (authorised?.allowed === true) return { allowProvisioning: true, parameterOverrides: {} };
      certificates.remove(certificateId, true);
      setStatus(vin, certificateId, 'DELETED');
      return refused;
    },

    postProvisioning(event) {
      const { operation, thingName, attributes } = eventPayload.parse(event);
      if (attributes.provisioned_by_template !== names.template) {
        throw new Error(`The thing ${thingName} was not provisioned by ${names.template}`);
      }
      if (operation === 'DELETED') return;
      const { vin = '', certificate_id: current = '' } = attributes;
      setStatus(vin, current, 'ACTIVE');
      const ids = new Set(
        provisioned()
          .partition({ S: vin })
          .map((item) => provisionedVehicle(item).certificateId),
      );
      for (const { certificateId, status } of [...certificates.list()]) {
        if (status !== 'INACTIVE' || certificateId === current || !ids.has(certificateId)) continue;
        const arn = state.arn('cert', certificateId);
        things.detach(thingName, arn);
        for (const { policyName } of policies.attachedTo(arn)) policies.detach(policyName, arn);
        certificates.remove(certificateId, true);
        setStatus(vin, certificateId, 'DELETED');
      }
    },

    initialConnection(message) {
      const { vin, certificate_id: certificateId } = activePayload.parse(message);
      set(vin, certificateId, 'has_vehicle_connected_once', { BOOL: true });
    },
  };
}

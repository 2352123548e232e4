import type { Context } from '../../kernel/context.ts';
import { partitionOf } from '../../kit/partition.ts';
import type { PolicyVariant } from './spec.ts';

export const VEHICLE_POLICY = 'CMS-Vehicle-IoT-Policy';
export const SCOPED_POLICY = 'CMS-Vehicle-IoT-Policy-Scoped';
export const DEVICE_POLICY = 'cms-device-policy';

/** The policy of a vehicle's certificate, by name. It is one for the account: the first that makes it, makes it for all. */
export function policyOf(
  { config }: Context,
  variant: PolicyVariant,
  rule: string,
  productRule: string,
): { name: string; document: string } {
  const arn = (resource: string): string => `arn:${partitionOf(config.region)}:iot:*:*:${resource}`;
  const allow = (action: string, resources: readonly string[], condition?: object): object => ({
    Effect: 'Allow',
    Action: [`iot:${action}`],
    Resource: resources.map(arn),
    ...(condition === undefined ? {} : { Condition: condition }),
  });
  const document = (...statements: object[]): string =>
    JSON.stringify({ Version: '2012-10-17', Statement: statements });

  switch (variant) {
    case 'old':
      return {
        name: VEHICLE_POLICY,
        document: document(
          allow('Connect', ['client/*']),
          allow('Publish', ['topic/$aws/rules/cms_dev_iot_msk_rule/*', 'topic/fleet/vehicle/*']),
          allow('Subscribe', ['topicfilter/fleet/vehicle/*/commands']),
          allow('Receive', ['topic/fleet/vehicle/*/commands']),
        ),
      };
    case 'scoped': {
      const vin = '${iot:Connection.Thing.ThingName}';
      const id = '${iot:Connection.Thing.Attributes[vehicleId]}';
      const attached = { Bool: { 'iot:Connection.Thing.IsAttached': ['true'] } };
      const heard = [
        `cms/fleetwise/vehicles/${vin}/*`,
        `cms/commands/things/${vin}/executions/*`,
        `cms/commands/${id}/request`,
      ];
      return {
        name: SCOPED_POLICY,
        document: document(
          allow('Connect', [`client/${vin}`, `client/${vin}-sim`], attached),
          allow('Publish', [
            `topic/cms/fleetwise/vehicles/${vin}/*`,
            `topic/cms/commands/things/${vin}/executions/*`,
            `topic/cms/commands/${id}/response`,
            `topic/$aws/rules/${rule}/${id}`,
            `topic/$aws/rules/${productRule}/${id}`,
          ]),
          allow(
            'Subscribe',
            heard.map((topic) => `topicfilter/${topic}`),
          ),
          allow(
            'Receive',
            heard.map((topic) => `topic/${topic}`),
          ),
        ),
      };
    }
    case 'stock': {
      // The names of these three stages stand there as they are.
      const rules = ['dev', 'staging', 'prod'].flatMap((stage) => [
        `topic/$aws/rules/cms_${stage}_iot_msk_rule/*`,
        `topic/$aws/rules/cms_${stage}_cs_product_meridian_ev_rule/*`,
      ]);
      return {
        name: VEHICLE_POLICY,
        document: document(
          allow('Connect', ['client/*']),
          allow('Publish', [...rules, 'topic/cms/*', 'topic/fleet/*']),
          allow('Subscribe', ['topicfilter/cms/*', 'topicfilter/fleet/*']),
          allow('Receive', ['topic/cms/*', 'topic/fleet/*']),
        ),
      };
    }
  }
}

/** The policy that the stack `iot` makes, and that no vehicle has. */
export function devicePolicy({ config }: Context): string {
  const arn = (resource: string): string => `arn:${partitionOf(config.region)}:iot:*:*:${resource}`;
  const allow = (actions: string[], resources: string[]): object => ({
    Effect: 'Allow',
    Action: actions.map((action) => `iot:${action}`),
    Resource: resources.map(arn),
  });
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      allow(['Connect'], ['client/*']),
      allow(['Publish'], ['topic/fleet/*', 'topic/cms/*', 'topic/$aws/rules/*']),
      allow(['Subscribe'], ['topicfilter/fleet/*', 'topicfilter/cms/*']),
      allow(['Receive'], ['topic/fleet/*', 'topic/cms/*']),
    ],
  });
}

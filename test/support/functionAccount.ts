import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IoTClient } from '@aws-sdk/client-iot';

interface Certificate {
  pem: string;
  status: string;
  policies: Set<string>;
  things: Set<string>;
}

interface Sent {
  constructor: { name: string };
  input: Record<string, unknown>;
}
type Item = Record<string, { S: string }>;

/** What happens at one call: before it, or after it was done. */
export type Interference = (call: { number: number; name: string; when: 'before' | 'after' }) => void;

export function awsError(name: string, message = 'no'): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });
}

/**
 * An account as the function of just-in-time registration sees it: certificates, things, one policy, one table. Written
 * from AWS's API references, with nothing of the function's own code.
 */
export class FunctionAccount {
  readonly certificates = new Map<string, Certificate>();
  readonly things = new Set<string>();
  /** Undefined: the table does not exist. */
  table: Map<string, Item> | undefined = new Map();
  hasPolicy = true;
  interfere: Interference = () => undefined;
  /** Names of the calls, in order. */
  readonly calls: string[] = [];
  readonly caId: string;

  constructor(caId: string) {
    this.caId = caId;
  }

  // Paginators of the SDK take its own clients only.
  readonly iot = Object.assign(new IoTClient({ region: 'us-west-2' }), {
    send: (sent: Sent) => this.#send(sent),
  }) as unknown as IoTClient;
  readonly dynamoDb = { send: (sent: Sent) => this.#send(sent) } as unknown as DynamoDBClient;

  add(id: string, pem: string, status = 'PENDING_ACTIVATION'): void {
    this.certificates.set(id, { pem, status, policies: new Set(), things: new Set() });
  }

  allow(item: Record<string, string>): void {
    const entry = Object.fromEntries(Object.entries(item).map(([name, S]) => [name, { S }]));
    this.table?.set(item.thingName ?? '', entry);
  }

  /** Those that may speak for a thing by now, and all that they need is there. */
  inService(thingName: string): string[] {
    return [...this.certificates]
      .filter(([, { status, things, policies }]) => {
        return status === 'ACTIVE' && things.has(thingName) && policies.has('POLICY');
      })
      .map(([id]) => id);
  }

  // As the SDK does: never at once.
  async #send(sent: Sent): Promise<object> {
    await Promise.resolve();
    const name = sent.constructor.name.replace(/Command$/, '');
    this.calls.push(name);
    const call = { number: this.calls.length, name };
    this.interfere({ ...call, when: 'before' });
    const answer = this.#answer(name, sent.input);
    this.interfere({ ...call, when: 'after' });
    return answer;
  }

  #answer(name: string, input: Record<string, unknown>): object {
    const text = (key: string): string => String(input[key]);
    switch (name) {
      case 'DescribeCertificate': {
        const id = text('certificateId');
        const { pem, status } = this.#certificate(id);
        return {
          certificateDescription: {
            ...{ certificateId: id, certificateArn: arnOf(id), certificatePem: pem, status },
            caCertificateId: this.caId,
          },
        };
      }
      case 'UpdateCertificate':
        this.#certificate(text('certificateId')).status = text('newStatus');
        return {};
      case 'DescribeThing':
        if (!this.things.has(text('thingName'))) throw awsError('ResourceNotFoundException');
        return { thingName: text('thingName'), thingArn: `arn:thing/${text('thingName')}`, version: 1 };
      case 'CreateThing':
        this.things.add(text('thingName'));
        return { thingName: text('thingName'), thingArn: `arn:thing/${text('thingName')}` };
      case 'AttachPolicy':
        if (!this.hasPolicy) throw awsError('ResourceNotFoundException', 'Policy not found');
        this.#certificate(idIn(text('target'))).policies.add(text('policyName'));
        return {};
      case 'AttachThingPrincipal':
        if (!this.things.has(text('thingName'))) throw awsError('ResourceNotFoundException');
        this.#certificate(idIn(text('principal'))).things.add(text('thingName'));
        return {};
      case 'ListThingPrincipals': {
        if (!this.things.has(text('thingName'))) throw awsError('ResourceNotFoundException');
        const attached = [...this.certificates].filter(([, { things }]) => things.has(text('thingName')));
        return { principals: attached.map(([id]) => arnOf(id)) };
      }
      case 'GetItem':
        return { Item: this.#items().get(keyOf(input)) };
      case 'UpdateItem':
        return this.#update(input);
      default:
        throw new Error(`The function may not call ${name}`);
    }
  }

  #items(): Map<string, Item> {
    if (this.table === undefined) throw awsError('ResourceNotFoundException', 'Requested resource not found');
    return this.table;
  }

  #certificate(id: string): Certificate {
    const found = this.certificates.get(id);
    if (found === undefined) throw awsError('ResourceNotFoundException');
    return found;
  }

  /** The two conditional writes that the function makes, read from their expressions. */
  #update(input: Record<string, unknown>): object {
    const items = this.#items();
    const key = keyOf(input);
    const item = items.get(key);
    const attribute = (input.ExpressionAttributeNames as Record<string, string>)['#a'] ?? '';
    const values = input.ExpressionAttributeValues as Record<string, { S: string }>;
    const now = item?.[attribute]?.S;
    const needsVin = String(input.ConditionExpression).includes('attribute_exists(vin)');
    const taken = now !== undefined && ![values[':new']?.S, values[':before']?.S].includes(now);
    if ((needsVin && item?.vin === undefined) || taken) {
      throw Object.assign(awsError('ConditionalCheckFailedException'), { Item: item });
    }
    items.set(key, { ...(item ?? { thingName: { S: key } }), [attribute]: values[':new'] ?? { S: '' } });
    return {};
  }
}

function keyOf({ Key: key }: Record<string, unknown>): string {
  return (key as { thingName: { S: string } }).thingName.S;
}
const arnOf = (id: string): string => `arn:aws:iot:us-west-2:123456789012:cert/${id}`;
const idIn = (arn: string): string => arn.split('/').at(-1) ?? '';

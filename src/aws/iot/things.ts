import {
  CreateThingCommand,
  DeleteThingCommand,
  DescribeThingCommand,
  DetachThingPrincipalCommand,
  paginateListThingPrincipals,
} from '@aws-sdk/client-iot';
import { defined } from '../../core/defined.ts';
import { endingPages } from '../../core/pages.ts';
import { expectField } from '../../core/expectField.ts';
import { l10n } from '../../core/message.ts';
import type { Retrying } from '../../core/retry.ts';
import { alreadyExists, calling, unlessMissing } from '../calls.ts';
import type { IotAccess } from '../connection.ts';
import { onceDetached } from './onceDetached.ts';

export interface CloudThing {
  name: string;
  arn: string;
  type: string | undefined;
}

export async function findThing(
  connection: IotAccess,
  name: string,
  signal: AbortSignal,
): Promise<CloudThing | undefined> {
  const iot = await connection.iot();
  const thing = await unlessMissing(l10n.t('reading thing {name}', { name }), () =>
    iot.send(new DescribeThingCommand({ thingName: name }), { abortSignal: signal }),
  );
  return thing && { name, arn: expectField(thing, 'thingArn', 'DescribeThing'), type: thing.thingTypeName };
}

/** Makes a thing that is missing; one that is there stays as it is. */
export async function ensureThing(
  connection: IotAccess,
  { name, type, attributes }: { name: string; type?: string; attributes?: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<void> {
  if ((await findThing(connection, name, signal)) !== undefined) return;
  const iot = await connection.iot();
  await calling(l10n.t('making thing {name}', { name }), async () => {
    try {
      const command = new CreateThingCommand({
        thingName: name,
        ...defined({ thingTypeName: type, attributePayload: attributes && { attributes } }),
      });
      await iot.send(command, { abortSignal: signal });
    } catch (error) {
      // Somebody made it meanwhile.
      if (!alreadyExists(error)) throw error;
    }
  });
}

/** ARNs of what is attached to a thing: certificates, mostly. Undefined if there is no such thing. */
export async function principalsOf(
  connection: IotAccess,
  thingName: string,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  const client = await connection.iot();
  const doing = l10n.t('listing what is attached to thing {name}', { name: thingName });
  return unlessMissing(doing, async () => {
    const arns: string[] = [];
    const pages = paginateListThingPrincipals({ client }, { thingName }, { abortSignal: signal });
    const ending = endingPages(pages, doing, ({ nextToken: next, principals: items }) => ({ next, items }));
    for await (const { principals = [] } of ending) arns.push(...principals);
    return arns;
  });
}

/** False if there was nothing to detach. */
export async function detachThing(
  connection: IotAccess,
  thingName: string,
  principal: string,
  signal: AbortSignal,
): Promise<boolean> {
  const iot = await connection.iot();
  const doing = l10n.t('detaching a certificate from thing {name}', { name: thingName });
  const answer = await unlessMissing(doing, () =>
    iot.send(new DetachThingPrincipalCommand({ thingName, principal }), { abortSignal: signal }),
  );
  return answer !== undefined;
}

/** Deletes a thing that nothing is attached to any more; false if it is gone already. */
export async function deleteThing(connection: IotAccess, name: string, work: Retrying): Promise<boolean> {
  const iot = await connection.iot();
  const abort = { abortSignal: work.signal };
  return onceDetached(work, async () => {
    const answer = await unlessMissing(l10n.t('deleting thing {name}', { name }), async () => {
      // AWS answers a delete of a missing thing with success, so look first to say what was done.
      await iot.send(new DescribeThingCommand({ thingName: name }), abort);
      return iot.send(new DeleteThingCommand({ thingName: name }), abort);
    });
    return answer !== undefined;
  });
}

import { ListThingsCommand } from '@aws-sdk/client-iot';
import { calling } from '../../aws/calls.ts';
import type { Connection } from '../../aws/connection.ts';
import { l10n } from '../../core/message.ts';
import { type Names, TEMPLATE_ATTRIBUTE } from './names.ts';

/** A thing that the template of an app made. */
export interface TemplateThing {
  readonly thingName: string;
  readonly vin: string;
}

/** A page of them, in the registry's order. */
export async function pageOfThings(
  connection: Connection,
  { template }: Names,
  { size, next }: { size: number; next: string | undefined },
  signal: AbortSignal,
): Promise<{ things: readonly TemplateThing[]; next: string | undefined }> {
  const iot = await connection.iot();
  const command = new ListThingsCommand({
    ...{ attributeName: TEMPLATE_ATTRIBUTE, attributeValue: template },
    ...{ maxResults: size, nextToken: next },
  });
  const { things = [], nextToken } = await calling(l10n.t('listing the vehicles'), () =>
    iot.send(command, { abortSignal: signal }),
  );
  return {
    things: things.flatMap(({ thingName, attributes }) =>
      thingName === undefined ? [] : [{ thingName, vin: attributes?.vin ?? '' }],
    ),
    next: nextToken === '' ? undefined : nextToken,
  };
}

import { DescribeThingCommand, ListThingsCommand } from '@aws-sdk/client-iot';
import { calling, unlessMissing } from '../../aws/calls.ts';
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

/** What the template of an app writes into the attributes of a thing. */
export interface ThingMarks {
  /** Name of the template that registered it last. */
  readonly template: string | undefined;
  /** Of the certificate that it was registered with. */
  readonly certificateId: string | undefined;
}

/** Undefined if there is no such thing. */
export async function marksOf(
  connection: Connection,
  thingName: string,
  signal: AbortSignal,
): Promise<ThingMarks | undefined> {
  const iot = await connection.iot();
  const thing = await unlessMissing(l10n.t('reading thing {name}', { name: thingName }), () =>
    iot.send(new DescribeThingCommand({ thingName }), { abortSignal: signal }),
  );
  const { attributes = {} } = thing ?? {};
  return thing && { template: attributes[TEMPLATE_ATTRIBUTE], certificateId: attributes.certificate_id };
}

/** The template of another app that registered a thing last; undefined if none did. */
export async function otherTemplate(
  connection: Connection,
  { template }: Names,
  thingName: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const marks = await marksOf(connection, thingName, signal);
  return marks?.template === template ? undefined : marks?.template;
}

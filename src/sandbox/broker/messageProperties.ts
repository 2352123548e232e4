import type { IPublishPacket } from 'mqtt-packet';
import { defined } from '../kit/defined.ts';
import type { Message } from './session.ts';
import { sizeProblem } from './topics.ts';

/** What a message of MQTT 5 has beside its payload, handed on to subscribers of MQTT 5 unchanged. */
export interface MessageProperties {
  payloadFormatIndicator?: boolean;
  contentType?: string;
  responseTopic?: string;
  correlationData?: Buffer;
  /** In order, as objects with one property each. */
  userProperties?: readonly Readonly<Record<string, string>>[];
}

type Given = Pick<
  NonNullable<IPublishPacket['properties']>,
  'payloadFormatIndicator' | 'contentType' | 'responseTopic' | 'correlationData'
> & { userProperties?: unknown };

/** AWS IoT Core endpoints and quotas, "Message broker": sizes in bytes. */
const LONGEST_CONTENT_TYPE = 256;
const LONGEST_CORRELATION_DATA = 8 * 1024;
const MOST_USER_PROPERTIES = 8 * 1024;
/** AWS takes 0 for 1, and lowers what exceeds seven days. */
const LONGEST_EXPIRY_S = 604_800;

export function propertiesOf(given: Given | undefined): MessageProperties | undefined {
  if (given === undefined) return undefined;
  const { payloadFormatIndicator, contentType, responseTopic, correlationData } = given;
  const properties = defined({ payloadFormatIndicator, contentType, responseTopic, correlationData });
  const user = userPropertiesOf(given.userProperties);
  if (user.length > 0) return { ...properties, userProperties: user };
  return Object.keys(properties).length === 0 ? undefined : properties;
}

/** Why AWS IoT does not take these properties; undefined when it does. */
export function propertiesProblem(properties: MessageProperties | undefined): string | undefined {
  if (properties === undefined) return undefined;
  const { contentType = '', responseTopic = '', correlationData, userProperties = [] } = properties;
  if (Buffer.byteLength(contentType) > LONGEST_CONTENT_TYPE) return 'its content type is too long';
  if ((correlationData?.length ?? 0) > LONGEST_CORRELATION_DATA) return 'its correlation data is too long';
  const response = sizeProblem(responseTopic);
  if (response !== undefined) return `its response topic is ${response}`;
  return userPropertiesProblem(userProperties);
}

export function userPropertiesProblem(user: MessageProperties['userProperties']): string | undefined {
  const bytes = (user ?? [])
    .flatMap((pair) => Object.entries(pair).flat())
    .reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return bytes > MOST_USER_PROPERTIES ? 'its user properties are too large' : undefined;
}

/** What `frames.ts` made of the user properties of a packet. */
export function userPropertiesOf(given: unknown): NonNullable<MessageProperties['userProperties']> {
  return Array.isArray(given) ? (given as Record<string, string>[]) : [];
}

/** When a message of this lifetime is no longer delivered, in milliseconds of the sandbox's clock. */
export function expiresAt(seconds: number | undefined, now: number): number | undefined {
  return seconds === undefined ? undefined : now + Math.min(Math.max(seconds, 1), LONGEST_EXPIRY_S) * 1000;
}

/** Properties of PUBLISH to a subscriber of MQTT 5: what is left of the message's expiry is counted at `now`. */
export function propertiesToSend(message: Message, topicAlias: number | undefined, now: number) {
  const { userProperties, ...properties } = message.properties ?? {};
  return {
    ...properties,
    // `mqtt-packet` writes an array of objects in its order, though its types have one object only.
    ...defined({ userProperties: userProperties as never, topicAlias }),
    ...(message.expiresAt === undefined
      ? {}
      : { messageExpiryInterval: Math.max(0, Math.floor((message.expiresAt - now) / 1000)) }),
  };
}

import type { ThingAnswer, ThingService } from '../../../contracts/aws.ts';
import { readToken, readUpdate, ShadowError } from './request.ts';
import type { Shadows } from './shadows.ts';

/**
 * Shadows as devices and apps reach them on `$aws/things/<thing>/shadow/{get,update,delete}`, and with `name/<name>/`
 * before the verb. Answers are ordinary messages: whoever may subscribe sees them (AWS IoT Developer Guide, "Device
 * Shadow MQTT topics").
 */
export function createDeviceShadows(shadows: Shadows, now: () => number): ThingService {
  return {
    name: 'shadow',
    isMessage: true,
    tick: () => undefined,
    handle(thingName, rest, payload) {
      const [, shadowName, verb] =
        /^(?:name\/([$a-zA-Z0-9:_-]{1,64})\/)?(get|update|delete)$/.exec(rest) ?? [];
      if (verb === undefined) return [];
      const key = shadowName === undefined ? thingName : `${thingName}/${shadowName}`;
      const say = (what: string, body: object): ThingAnswer => ({
        rest: `${rest}/${what}`,
        body,
        to: 'subscribers',
      });
      try {
        if (verb === 'get') {
          const clientToken = readToken(payload);
          return [say('accepted', { ...withToken(() => shadows.get(key), clientToken), clientToken })];
        }
        if (verb === 'delete') {
          const clientToken = tokenIfAny(payload);
          return [say('accepted', { ...withToken(() => shadows.remove(key), clientToken), clientToken })];
        }
        const { accepted, delta, documents } = shadows.update(key, readUpdate(payload));
        return [
          say('accepted', accepted),
          ...(delta === undefined ? [] : [say('delta', delta)]),
          say('documents', documents),
        ];
      } catch (error) {
        if (!(error instanceof ShadowError)) throw error;
        const { code, message, clientToken } = error;
        return [say('rejected', { code, message, timestamp: Math.floor(now() / 1000), clientToken })];
      }
    },
  };
}

/** "The content of the message is ignored", but for the token, which comes back. */
function tokenIfAny(payload: Buffer): string | undefined {
  try {
    return readToken(payload);
  } catch {
    return undefined;
  }
}

/** A refusal carries the token of its request. */
function withToken<T>(work: () => T, clientToken: string | undefined): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ShadowError ? new ShadowError(error.code, error.message, clientToken) : error;
  }
}

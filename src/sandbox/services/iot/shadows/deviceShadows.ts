import { createBucket } from '../../../kit/bucket.ts';
import { createKeyedBuckets } from '../../../kit/keyedBuckets.ts';
import { DEVICE_RATES } from '../rates.ts';
import type { ThingAnswer, ThingService } from '../contract.ts';
import { readToken, readUpdate, ShadowError } from './request.ts';
import type { Shadows } from './shadows.ts';

/**
 * The shadow service for devices and apps, on `$aws/things/<thing>/shadow/{get,update,delete}`; for named shadows with
 * `name/<name>/` before the verb. Answers are ordinary messages, which all subscribers receive (AWS IoT Developer
 * Guide, "Device Shadow MQTT topics").
 */
export function createDeviceShadows(shadows: Shadows, now: () => number, limits = true): ThingService {
  const ofAccount = createBucket(now, DEVICE_RATES.shadows);
  const ofThing = createKeyedBuckets(now, DEVICE_RATES.shadowsOfThing, DEVICE_RATES.shadowsOfThing);
  const throttled = (thingName: string) => limits && !(ofThing.take(thingName) && ofAccount.take());

  return {
    name: 'shadow',
    isMessage: true,
    tick: () => ofThing.forgetIdle(),
    handle(thingName, rest, payload) {
      const [, shadowName, verb] =
        /^(?:name\/([$a-zA-Z0-9:_-]{1,64})\/)?(get|update|delete)$/.exec(rest) ?? [];
      if (verb === undefined) return [];
      const key = shadowName === undefined ? thingName : `${thingName}/${shadowName}`;
      const answer = (outcome: string, body: object): ThingAnswer => ({
        rest: `${rest}/${outcome}`,
        body,
        to: 'subscribers',
      });
      try {
        if (throttled(thingName)) throw new ShadowError(429, 'Too many requests', tokenIfAny(payload));
        if (verb === 'get') {
          const clientToken = readToken(payload);
          return [answer('accepted', { ...withToken(() => shadows.get(key), clientToken), clientToken })];
        }
        if (verb === 'delete') {
          const clientToken = tokenIfAny(payload);
          return [answer('accepted', { ...withToken(() => shadows.remove(key), clientToken), clientToken })];
        }
        const { accepted, delta, documents } = shadows.update(key, readUpdate(payload));
        return [
          answer('accepted', accepted),
          ...(delta === undefined ? [] : [answer('delta', delta)]),
          answer('documents', documents),
        ];
      } catch (error) {
        if (!(error instanceof ShadowError)) throw error;
        const { code, message, clientToken } = error;
        return [answer('rejected', { code, message, timestamp: Math.floor(now() / 1000), clientToken })];
      }
    },
  };
}

/** "The content of the message is ignored", except for the token, which is returned. */
function tokenIfAny(payload: Buffer): string | undefined {
  try {
    return readToken(payload);
  } catch {
    return undefined;
  }
}

/** Adds the request's token to a ShadowError. */
function withToken<T>(work: () => T, clientToken: string | undefined): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ShadowError ? new ShadowError(error.code, error.message, clientToken) : error;
  }
}

import type { ThingAnswer, ThingService } from '../contracts/aws.ts';
import type { Context } from '../contracts/kernel.ts';
import type { Session } from './session.ts';
import { filterMatches } from './topics.ts';

/** Requests on `$aws/things/<thing>/<service>/…`, taken to the service that answers them. */
export interface ThingRequests {
  /** Undefined for a topic that is no service's. */
  find(topic: string): ThingRequest | undefined;
  /** Once a second. */
  tick(): void;
}

export interface ThingRequest {
  /** Whether the publish is an ordinary message besides. */
  readonly isMessage: boolean;
  /** Works and answers; `asker` is the session of the client that published, if there is one. */
  answer(payload: Buffer, asker: Session | undefined): void;
}

const PREFIX = '$aws/things/';

export function createThingRequests(
  context: Context,
  services: readonly ThingService[],
  publish: (topic: string, payload: string) => void,
): ThingRequests {
  const byName = new Map<string, ThingService>(services.map((service) => [service.name, service]));

  function send(topic: string, { body, to }: ThingAnswer, asker: Session | undefined): void {
    const payload = JSON.stringify(body);
    if (to === 'subscribers') publish(topic, payload);
    else
      asker?.deliver({
        topic,
        payload: Buffer.from(payload),
        qos: qosOf(asker, topic),
        retain: false,
        transient: true,
      });
  }

  return {
    find(topic) {
      // Nearly every publish is telemetry.
      if (!topic.startsWith(PREFIX)) return undefined;
      const [thingName = '', name = '', ...rest] = topic.slice(PREFIX.length).split('/');
      const service = byName.get(name);
      if (service === undefined) return undefined;
      return {
        isMessage: service.isMessage,
        answer(payload, asker) {
          try {
            for (const answer of service.handle(thingName, rest.join('/'), payload)) {
              send(`${PREFIX}${thingName}/${name}/${answer.rest}`, answer, asker);
            }
          } catch (error) {
            context.log('error', `A request on ${JSON.stringify(topic)} failed: ${String(error)}`);
          }
        },
      };
    },
    tick() {
      for (const service of services) service.tick();
    },
  };
}

/** Answers come unasked, too; a subscription only decides how safely. */
function qosOf(session: Session, topic: string): 0 | 1 {
  for (const [filter, qos] of session.subscriptions) if (qos === 1 && filterMatches(filter, topic)) return 1;
  return 0;
}

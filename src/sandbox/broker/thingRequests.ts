import type { ThingAnswer, ThingService } from '../services/iot/contract.ts';
import type { Context } from '../kernel/context.ts';
import type { Session } from './session.ts';
import { filterMatches } from './topics.ts';

/** Dispatches requests on `$aws/things/<thing>/<service>/…` to the service that answers them. */
export interface ThingRequests {
  /** Undefined for a topic that no service handles. */
  find(topic: string): ThingRequest | undefined;
  /** Called once a second. */
  tick(): void;
}

export interface ThingRequest {
  /** Whether the publish is also routed as an ordinary message. */
  readonly isMessage: boolean;
  /** Performs the request and answers it. `requester` is the session of the publishing client. */
  answer(payload: Buffer, requester: Session): void;
}

const PREFIX = '$aws/things/';

export function createThingRequests(
  context: Context,
  services: readonly ThingService[],
  publish: (topic: string, payload: string) => void,
): ThingRequests {
  const byName = new Map<string, ThingService>(services.map((service) => [service.name, service]));

  function send(topic: string, { body, to }: ThingAnswer, requester: Session): void {
    const payload = JSON.stringify(body);
    if (to === 'subscribers') publish(topic, payload);
    else
      requester.deliver({
        topic,
        payload: Buffer.from(payload),
        qos: qosOf(requester, topic),
        retain: false,
        transient: true,
      });
  }

  return {
    find(topic) {
      // A fast exit: nearly every publish is telemetry.
      if (!topic.startsWith(PREFIX)) return undefined;
      const [thingName = '', name = '', ...rest] = topic.slice(PREFIX.length).split('/');
      const service = byName.get(name);
      if (service === undefined) return undefined;
      return {
        isMessage: service.isMessage,
        answer(payload, requester) {
          try {
            for (const answer of service.handle(thingName, rest.join('/'), payload)) {
              send(`${PREFIX}${thingName}/${name}/${answer.rest}`, answer, requester);
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

/** Answers are sent even without a subscription; a subscription only decides the QoS. */
function qosOf(session: Session, topic: string): 0 | 1 {
  for (const [filter, qos] of session.subscriptions) if (qos === 1 && filterMatches(filter, topic)) return 1;
  return 0;
}

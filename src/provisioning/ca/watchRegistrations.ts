import * as z from 'zod';
import type { Connection } from '../../aws/connection.ts';
import { certificatesOfCa } from '../../aws/iot/caCertificates.ts';
import { watchTopics, type TopicHandlers } from '../../aws/watchTopics.ts';
import type { OwnCaSetup } from '../../cms/contract/provisioner.ts';
import { CmsError, isCancelled, isCmsError } from '../../core/errors.ts';
import { parseJson } from '../../core/json.ts';
import { l10n } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';
import { allowedByVinAlone } from './allowList.ts';
import { decideNewcomer, type Guard, type Newcomer } from './decideNewcomer.ts';
import { sameKeyAs, type AllowList } from './judge.ts';

/**
 * The event of a registration. Its other members are left alone: sources differ on them, and the time may be null.
 * Source: AWS IoT Developer Guide, "Just-in-time registration".
 */
const eventSchema = z.looseObject({ certificateId: z.string().regex(/^[0-9a-f]{64}$/) });

export interface RegistrationWatch {
  caId: string;
  list: AllowList;
  setup: OwnCaSetup;
  /** Whether a certificate that the list does not let in is revoked; otherwise it is left pending, and said. */
  revoke: boolean;
}

export interface RegistrationListener {
  newcomer(newcomer: Newcomer): void;
  /** Of the connection that hears of newcomers. */
  state: NonNullable<TopicHandlers['state']>;
}

/**
 * Lets vehicles in as they come, until the signal aborts: those that the list allows, and no other. Those that came
 * while nobody watched are found each time the connection comes up. Safe to run twice at once.
 * @throws CmsError CANCELLED, REQUEST_INVALID for an empty list that would revoke all, or what the connection throws
 */
export async function watchRegistrations(
  { caId, list, setup, revoke }: RegistrationWatch,
  connection: Connection,
  listener: RegistrationListener,
  work: Work,
): Promise<void> {
  if (revoke && list.size === 0) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('The list is empty, so every certificate would be revoked.'),
      {
        remedy: l10n.t('Check the list, or leave the certificates of others pending.'),
      },
    );
  }
  const loose = allowedByVinAlone(list);
  if (loose > 0) {
    const message = l10n.plural(
      loose,
      l10n.t('1 vehicle on the list is allowed by VIN alone: any certificate from the CA with that name.'),
      l10n.t(
        '{count} vehicles on the list are allowed by VIN alone: any certificate from the CA with their name.',
        { count: loose },
      ),
    );
    work.progress({ step: 'watch', level: 'warn', message });
  }
  const topic = `$aws/events/certificates/registered/${caId}`;
  /** By id: the event comes again with each connect. */
  const underWay = new Map<string, Promise<void>>();
  const told = new Set<string>();
  const say = (newcomer: Newcomer): void => {
    const key = `${newcomer.certificateId} ${newcomer.result}`;
    if (newcomer.result !== 'failed' && told.has(key)) return;
    told.add(key);
    listener.newcomer(newcomer);
  };

  const turns = new Map<string, Promise<unknown>>();
  const inTurn = <T>(thingName: string, task: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(thingName) ?? Promise.resolve()).then(task, task);
    turns.set(thingName, turn);
    const done = (): void => {
      if (turns.get(thingName) === turn) turns.delete(thingName);
    };
    turn.then(done, done);
    return turn;
  };
  /** By key: the vehicle that came in with it. */
  const keys = new Map<string, string>();
  const guard: Guard = ({ thingName }, { certificateId, publicKey }, letIn) => {
    const other = keys.get(publicKey);
    if (other !== undefined && other !== thingName) {
      return Promise.resolve({ certificateId, result: 'refused', why: sameKeyAs(other) });
    }
    keys.set(publicKey, thingName);
    // Two certificates of one vehicle may come at once: the second is judged when the first is in.
    return inTurn(thingName, letIn);
  };
  const decide = async (id: string): Promise<void> => {
    try {
      const wish = { certificateId: id, caId, listOf: () => Promise.resolve(list), setup, revoke, guard };
      const newcomer = await decideNewcomer(wish, connection, work);
      if (newcomer !== undefined) say(newcomer);
    } catch (error) {
      if (isCancelled(error) || work.signal.aborted) return;
      if (!isCmsError(error)) throw error;
      say({ certificateId: id, result: 'failed', error });
    }
  };
  const decideOnce = (id: string): Promise<void> => {
    const running = underWay.get(id) ?? decide(id).finally(() => underWay.delete(id));
    underWay.set(id, running);
    return running;
  };
  const lookForMissed = async (): Promise<void> => {
    try {
      for await (const { id, status } of certificatesOfCa(connection, caId, work.signal)) {
        if (status === 'PENDING_ACTIVATION') await decideOnce(id);
      }
    } catch (error) {
      if (isCancelled(error) || work.signal.aborted) return;
      if (!isCmsError(error)) throw error;
      work.progress({ step: 'watch', level: 'warn', message: error.sentence });
    }
  };

  const looks: Promise<void>[] = [];
  await watchTopics(
    connection,
    [topic],
    {
      message(_, bytes) {
        const parsed = parseJson(eventSchema, new TextDecoder().decode(bytes));
        if (parsed.ok) looks.push(decideOnce(parsed.value.certificateId));
        else {
          const message = l10n.t('A registration event could not be read');
          work.progress({ step: 'watch', level: 'warn', message });
        }
      },
      state(state, why) {
        listener.state(state, why);
        if (state === 'online') looks.push(lookForMissed());
      },
    },
    work,
  ).finally(() => Promise.all(looks));
}

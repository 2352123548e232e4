import * as z from 'zod';
import type { Connection } from '../../aws/connection.ts';
import { certificatesOfCa } from '../../aws/iot/caCertificates.ts';
import { findCertificate, revokeCertificate } from '../../aws/iot/certificates.ts';
import { watchTopics, type TopicHandlers } from '../../aws/watchTopics.ts';
import type { OwnCaSetup } from '../../cms/contract/provisioner.ts';
import { type CmsError, isCancelled, isCmsError } from '../../core/errors.ts';
import { parseJson } from '../../core/json.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';
import { admit } from './admit.ts';
import { judgeNewcomer, type AllowList } from './allowList.ts';

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

/** What became of a vehicle that asked to come in. */
export type Newcomer = { certificateId: string } & (
  | { result: 'admitted'; vin: string; thingName: string }
  | { result: 'refused' | 'revoked'; why: Message }
  | { result: 'failed'; error: CmsError }
);

export interface RegistrationListener {
  newcomer(newcomer: Newcomer): void;
  /** Of the connection that hears of newcomers. */
  state: NonNullable<TopicHandlers['state']>;
}

/**
 * Lets vehicles in as they come, until the signal aborts: those that the list allows, and no other. Those that came
 * while nobody watched are found each time the connection comes up. Safe to run twice at once.
 * @throws CmsError CANCELLED, or what the connection throws
 */
export async function watchRegistrations(
  { caId, list, setup, revoke }: RegistrationWatch,
  connection: Connection,
  listener: RegistrationListener,
  work: Work,
): Promise<void> {
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

  const decide = async (id: string): Promise<void> => {
    try {
      const certificate = await findCertificate(connection, id, work.signal);
      // Somebody else decided, or removed it.
      if (certificate?.status !== 'PENDING_ACTIVATION') return;
      const judgment = judgeNewcomer(list, id, certificate.pem);
      if (judgment.allowed) {
        const { vin, thingName } = judgment.entry;
        await admit(connection, { certificate, thingName, setup }, work);
        say({ certificateId: id, result: 'admitted', vin, thingName });
        return;
      }
      if (revoke) await revokeCertificate(connection, id, work.signal);
      say({ certificateId: id, result: revoke ? 'revoked' : 'refused', why: judgment.why });
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

import * as z from 'zod';
import { CmsError, isCancelled } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import { poll, type Retrying, waits } from '../../core/retry.ts';
import type { PasswordNeed } from '../contract/credentials.ts';
import type { CommandState, RemoteCommands } from '../contract/remoteCommands.ts';
import { isUnreachable, type Rest, type RestReply, type RestRequest } from '../kit/rest.ts';
import { bodyOf } from './replies.ts';

const BASE = '/api/commands';
/** The gateway gives up after 29 seconds: what has no row by then gets none. */
const APPEARING = { attempts: Infinity, withinMs: 30_000, backoff: waits(1000, 2000) };

const text = z.string().min(1).optional().catch(undefined);
/** An entry is a name, or has one. */
const entrySchema = z
  .union([
    z.string(),
    z.looseObject({ commandName: text, name: text }).transform((entry) => entry.commandName ?? entry.name),
  ])
  .optional()
  .catch(undefined);
const catalogSchema = z.looseObject({ commands: z.array(entrySchema).catch([]) });
const sentSchema = z.looseObject({ commandId: z.string().min(1), status: text });
const rowSchema = z.looseObject({
  commandId: z.string().min(1),
  commandName: text,
  status: z.string().min(1),
  reason: text,
  resultValue: z.unknown().optional(),
});
const rowsSchema = z.looseObject({ commands: z.array(rowSchema) });
type Row = z.infer<typeof rowSchema>;

/**
 * The API of the stack `commands`. A command is published once: a vehicle that is not connected never hears it, and it
 * stays SENT. Rows are kept for seven days. Source: the handlers of 0.4.
 */
export function createCommands(rest: Rest, needs: PasswordNeed): RemoteCommands {
  const pathOf = (vehicleId: string): string => `${BASE}/${encodeURIComponent(vehicleId)}`;
  const call = async <T extends z.ZodType>(
    schema: T,
    doing: Message,
    request: RestRequest,
  ): Promise<z.infer<T>> => bodyOf(schema, rest, await rest.send(request), doing);

  async function rowsOf(vehicleId: string, signal: AbortSignal): Promise<readonly Row[]> {
    const doing = l10n.t('reading the commands of {id}', { id: vehicleId });
    return (await call(rowsSchema, doing, { method: 'GET', path: pathOf(vehicleId), signal })).commands;
  }

  /** The row that a command made whose answer never came. */
  function appeared(vehicleId: string, name: string, before: ReadonlySet<string>, work: Retrying) {
    return poll(work, APPEARING, async () => {
      try {
        const rows = await rowsOf(vehicleId, work.signal);
        return rows.find(({ commandId, commandName }) => commandName === name && !before.has(commandId));
      } catch (error) {
        if (isCancelled(error)) throw error;
        // What took the answer away may go on for a while.
        return undefined;
      }
    });
  }

  return {
    needs,
    async names(signal) {
      const doing = l10n.t('reading the catalog of commands');
      const { commands } = await call(catalogSchema, doing, {
        ...{ method: 'GET', path: `${BASE}/catalog`, signal },
      });
      return [...new Set(commands.flatMap((name) => name ?? []))];
    },
    async send({ id: vehicleId }, { name, value, timeoutMs }, work) {
      const { signal } = work;
      const doing = l10n.t('sending the command {name} to {id}', { name, id: vehicleId });
      const before = new Set((await rowsOf(vehicleId, signal)).map(({ commandId }) => commandId));
      const body = { commandName: name, value, timeout: timeoutMs };
      let reply: RestReply | undefined;
      let lost: unknown;
      try {
        reply = await rest.send({ method: 'POST', path: pathOf(vehicleId), body, signal });
      } catch (error) {
        if (!isUnreachable(error)) throw error;
        lost = error;
      }
      if (reply === undefined || reply.uncertain) {
        // It may have been sent all the same, and must not be sent twice.
        const made = await appeared(vehicleId, name, before, work);
        if (made === undefined) throw maybeSent(name, vehicleId, lost);
        return stateOf(made);
      }
      const { commandId, status = 'SENT' } = bodyOf(sentSchema, rest, reply, doing);
      return { id: commandId, status, reason: undefined, resultValue: undefined };
    },
    async look({ id: vehicleId }, id, signal) {
      const row = (await rowsOf(vehicleId, signal)).find(({ commandId }) => commandId === id);
      return row && stateOf(row);
    },
  };
}

function stateOf({ commandId, status, reason, resultValue }: Row): CommandState {
  return { id: commandId, status: status.toUpperCase(), reason, resultValue };
}

function maybeSent(name: string, id: string, cause: unknown): CmsError {
  return new CmsError(
    'CMS_UNAVAILABLE',
    l10n.t('The CMS did not answer. The command {name} may have been sent to {id} all the same.', {
      ...{ name, id },
    }),
    { step: 'command', remedy: l10n.t('Look at the vehicle before you send the command again.'), cause },
  );
}

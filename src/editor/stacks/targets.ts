import * as vscode from 'vscode';
import { throwIfAborted } from '../../core/errors.ts';
import { logError } from '../base/log.ts';
import { FactNode } from '../base/factNode.ts';
import { Node } from '../base/node.ts';
import { pickOrType } from '../base/pickOrType.ts';
import { isVehicleOfStack, type StackRef, type VehicleOfStack } from '../base/stackRef.ts';
import { endedByUser, type Tasks } from '../base/tasks.ts';
import { vinOfTarget } from '../base/vinTarget.ts';
import type { ConnectionActions } from '../connections/commands.ts';
import type { Connections } from '../connections/connections.ts';
import { forLabel, notify, pickOne } from '../base/shown.ts';
import type { Sessions } from './sessions.ts';
import type { SignIns } from './signIn.ts';

/** A vehicle an action is about; `node` when it came from its row in the tree. */
export interface VehicleTarget extends VehicleOfStack {
  node?: Node;
}

/** A stack to be picked. */
type StackItem = vscode.QuickPickItem & { ref: StackRef };

interface Sources {
  connections: Connections;
  /** Says that there is nothing to connect to yet. */
  offer: Pick<ConnectionActions, 'offer'>;
  sessions: Sessions;
  signIns: SignIns;
}

/** Finds out what a command is about: from the row it was called on, or by asking. */
export class Targets {
  readonly #tasks: Tasks;
  readonly #sources: Sources;

  constructor(tasks: Tasks, sources: Sources) {
    this.#tasks = tasks;
    this.#sources = sources;
  }

  /** The connection of a row, the only one there is, or the one picked. */
  async connection(target: unknown, words: { title: string; none: string }): Promise<string | undefined> {
    if (target instanceof Node && target.connectionId !== undefined) return target.connectionId;
    const { connections, offer } = this.#sources;
    const ids = connections.usable;
    if (ids.length === 0) await offer.offer(words.none);
    if (ids.length < 2) return ids[0];
    const picked = await pickOne(
      ids.map((id) => ({ label: forLabel(connections.labelOf(id)), id })),
      { title: words.title, placeHolder: vscode.l10n.t('Connection') },
    );
    return picked?.id;
  }

  /** The stack of a row, the only ready one, or the one picked. */
  async stack(target: unknown): Promise<StackRef | undefined> {
    if (target instanceof Node && target.unusable !== undefined) {
      void notify.warn(target.unusable);
      return undefined;
    }
    if (target instanceof Node && target.stackRef !== undefined) return target.stackRef;
    const stacks = await this.#readyStacks(this.#sources.connections.usable);
    if (stacks === undefined) return undefined;
    if (stacks.length === 0) {
      await this.#sources.offer.offer(
        vscode.l10n.t(
          'There is no stack to work on yet. Start the local sandbox, or add a connection to your AWS account.',
        ),
      );
    }
    if (stacks.length < 2) return stacks[0]?.ref;
    const picked = await pickOne(stacks, { placeHolder: vscode.l10n.t('Stack') });
    return picked?.ref;
  }

  /** The only ready stack of a connection, or the one picked. */
  async stackOf(connectionId: string): Promise<StackRef | undefined> {
    const stacks = await this.#readyStacks([connectionId]);
    if (stacks?.length === 0) {
      const where = this.#sources.connections.labelOf(connectionId);
      void notify.info(vscode.l10n.t('There is no ready stack on {0}.', where));
    }
    if (stacks === undefined || stacks.length < 2) return stacks?.[0]?.ref;
    const picked = await pickOne(
      stacks.map(({ label, ref }) => ({ label, ref })),
      { placeHolder: vscode.l10n.t('Stack') },
    );
    return picked?.ref;
  }

  /** The vehicle of a row or of a VIN in a text, or one picked from the first page of a stack (any other VIN can be typed). */
  async vehicle(target: unknown, prompt: string): Promise<VehicleTarget | undefined> {
    if (target instanceof Node && target.vehicle !== undefined) {
      return target instanceof FactNode ? target.vehicle : { ...target.vehicle, node: target };
    }
    if (isVehicleOfStack(target)) return target;
    const named = vinOfTarget(target);
    const ref = await this.signedInStack(target);
    if (ref === undefined) return undefined;
    const vin = named ?? (await this.#pickVin(ref, prompt));
    return vin === undefined ? undefined : { ref, vin };
  }

  /** A stack somebody is signed in to, or signs in to now. */
  async signedInStack(target: unknown): Promise<StackRef | undefined> {
    const ref = await this.stack(target);
    return ref !== undefined && (await this.#sources.signIns.ensure(ref)) ? ref : undefined;
  }

  async #readyStacks(connectionIds: readonly string[]): Promise<StackItem[] | undefined> {
    if (connectionIds.length === 0) return [];
    const { connections, sessions } = this.#sources;
    return this.#tasks.run(
      { title: vscode.l10n.t('Looking for stacks'), quiet: true },
      async ({ signal }) => {
        const read = async (connectionId: string): Promise<StackItem[]> => {
          const found = await sessions.find(connectionId, signal);
          const ready = found.filter(({ state }) => state.kind === 'ready');
          const description = connections.labelOf(connectionId);
          return ready.map(({ stack: { name } }) => ({
            label: name,
            description,
            ref: { connectionId, stack: name },
          }));
        };
        const { found, failures } = await readAll(connectionIds.map(read));
        throwIfAborted(signal);
        // An account that cannot be read now does not stand in the way of the others.
        if (found.length === 0 && failures.length > 0)
          throw failures.find((e) => !endedByUser(e)) ?? failures[0];
        for (const failure of failures) if (!endedByUser(failure)) logError(this.#tasks.log, failure);
        return found;
      },
    );
  }

  #pickVin(ref: StackRef, prompt: string): Promise<string | undefined> {
    return pickOrType(
      { title: prompt, placeholder: vscode.l10n.t('Pick a vehicle or type a VIN') },
      async (signal) => {
        const deployment = await this.#sources.sessions.open(ref, signal);
        const { items } = await deployment.vehicles.list({ size: 100 }, signal);
        return items.map((v) => ({
          label: v.vin,
          description: `${v.make} ${v.model} ${v.modelYear} ${v.owners.join(', ')}`,
        }));
      },
      { typedAs: (text) => text.toUpperCase() },
    );
  }
}

/** What all reads found, in their order, and what the others failed with. */
async function readAll<T>(reads: readonly Promise<T[]>[]): Promise<{ found: T[]; failures: unknown[] }> {
  const results = await Promise.allSettled(reads);
  return {
    found: results.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])),
    failures: results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : [])),
  };
}

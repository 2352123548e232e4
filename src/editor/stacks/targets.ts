import * as vscode from 'vscode';
import { FactNode } from '../base/factNode.ts';
import { Node } from '../base/node.ts';
import { pickOrType } from '../base/pickOrType.ts';
import { isVehicleOfStack, type StackRef, type VehicleOfStack } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import type { ConnectionActions } from '../connections/commands.ts';
import type { Connections } from '../connections/connections.ts';
import type { Sessions } from './sessions.ts';
import type { SignIns } from './signIn.ts';

/** A vehicle an action is about; `node` when it came from its row in the tree. */
export interface VehicleTarget extends VehicleOfStack {
  node?: Node;
}

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
    const picked = await vscode.window.showQuickPick(
      ids.map((id) => ({ label: connections.labelOf(id), id })),
      { title: words.title, placeHolder: vscode.l10n.t('Connection') },
    );
    return picked?.id;
  }

  /** The stack of a row, the only ready one, or the one picked. */
  async stack(target: unknown): Promise<StackRef | undefined> {
    if (target instanceof Node && target.unusable !== undefined) {
      void vscode.window.showWarningMessage(target.unusable);
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
    const picked = await vscode.window.showQuickPick(stacks, { placeHolder: vscode.l10n.t('Stack') });
    return picked?.ref;
  }

  /** The only ready stack of a connection, or the one picked. */
  async stackOf(connectionId: string): Promise<StackRef | undefined> {
    const stacks = await this.#readyStacks([connectionId]);
    if (stacks === undefined || stacks.length < 2) return stacks?.[0]?.ref;
    const picked = await vscode.window.showQuickPick(
      stacks.map(({ label, ref }) => ({ label, ref })),
      { placeHolder: vscode.l10n.t('Stack') },
    );
    return picked?.ref;
  }

  /** The vehicle of a row, or one picked from the first page of a stack (any other VIN can be typed). */
  async vehicle(target: unknown, prompt: string): Promise<VehicleTarget | undefined> {
    if (target instanceof Node && target.vehicle !== undefined) {
      return target instanceof FactNode ? target.vehicle : { ...target.vehicle, node: target };
    }
    if (isVehicleOfStack(target)) return target;
    const ref = await this.signedInStack(target);
    if (ref === undefined) return undefined;
    const vin = await this.#pickVin(ref, prompt);
    return vin === undefined ? undefined : { ref, vin };
  }

  /** A stack somebody is signed in to, or signs in to now. */
  async signedInStack(target: unknown): Promise<StackRef | undefined> {
    const ref = await this.stack(target);
    return ref !== undefined && (await this.#sources.signIns.ensure(ref)) ? ref : undefined;
  }

  async #readyStacks(
    connectionIds: readonly string[],
  ): Promise<(vscode.QuickPickItem & { ref: StackRef })[] | undefined> {
    if (connectionIds.length === 0) return [];
    const { connections, sessions } = this.#sources;
    return this.#tasks.run({ title: vscode.l10n.t('Looking for stacks'), quiet: true }, async (work) => {
      const found: (vscode.QuickPickItem & { ref: StackRef })[] = [];
      for (const connectionId of connectionIds) {
        for (const { state, stack } of await sessions.find(connectionId, work.signal)) {
          if (state.kind !== 'ready') continue;
          const description = connections.labelOf(connectionId);
          found.push({ label: stack.name, description, ref: { connectionId, stack: stack.name } });
        }
      }
      return found;
    });
  }

  #pickVin(ref: StackRef, prompt: string): Promise<string | undefined> {
    return pickOrType(
      { title: prompt, placeholder: vscode.l10n.t('Pick a vehicle or type a VIN') },
      async (signal) => {
        const deployment = await this.#sources.sessions.open(ref, signal);
        const { items } = await deployment.vehicles({ size: 100 }, signal);
        return items.map((v) => ({
          label: v.vin,
          description: `${v.make} ${v.model} ${v.modelYear} ${v.owners.join(', ')}`,
        }));
      },
      (text) => text.toUpperCase(),
    );
  }
}

import path from 'node:path';
import * as vscode from 'vscode';
import type { Place, Question, ReachedDeployment, ToolHost } from '../../automation/host.ts';
import type { CredentialNeed } from '../../cms/contract/credentials.ts';
import { isGiven } from '../../cms/contract/needs.ts';
import { CmsError, cancelled, throwIfAborted } from '../../core/errors.ts';
import { l10n } from '../../core/message.ts';
import type { Work } from '../../core/work.ts';
import type { DeviceProcess } from '../../device/client/deviceProcess.ts';
import { type Log, logError } from '../base/log.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import { say } from '../base/say.ts';
import { notify } from '../base/shown.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { VehicleAccess } from '../certificates/vehicleAccess.ts';
import type { RunMaps } from '../simulations/runMaps.ts';
import type { Simulations } from '../simulations/simulations.ts';
import type { SignIns } from '../stacks/signIn.ts';
import { EditorSimulations } from './editorSimulations.ts';

export interface HostSources {
  access: VehicleAccess;
  signIns: Pick<SignIns, 'ask' | 'now'>;
  simulations: Simulations;
  maps: Pick<RunMaps, 'showStarted'>;
  rows: RowChanges;
  log: Log;
  extensionUri: vscode.Uri;
  /** Of all connections those that may be used. */
  allows: (connectionId: string) => boolean;
}

/** A stack that is ready, and what tools call it. */
interface Named {
  name: string;
  ref: StackRef;
}

/** The connections of this window, with a person in front of it. */
export class EditorHost implements ToolHost {
  readonly simulations: EditorSimulations;
  readonly sampleRoutes: string;
  readonly errorsPage: string;
  readonly #sources: HostSources;

  constructor(sources: HostSources) {
    this.#sources = sources;
    this.simulations = new EditorSimulations(sources);
    this.sampleRoutes = vscode.Uri.joinPath(sources.extensionUri, 'media/routes').fsPath;
    this.errorsPage = vscode.Uri.joinPath(sources.extensionUri, 'docs/errors.md').fsPath;
  }

  async deployments(signal: AbortSignal): Promise<ReachedDeployment[]> {
    return (await this.#reached(signal)).map(({ deployment }) => deployment);
  }

  async #reached(signal: AbortSignal): Promise<(Named & { deployment: ReachedDeployment })[]> {
    const { connections, sessions } = this.#sources.access;
    const found = await Promise.all(
      connections.usable.filter(this.#sources.allows).map(async (connectionId) => {
        try {
          const { region } = await connections.open(connectionId);
          const stacks = await sessions.find(connectionId, signal);
          return stacks.map((stack) => ({ connectionId, region, ...stack }));
        } catch (error) {
          throwIfAborted(signal);
          // One broken connection blocks nothing.
          logError(this.#sources.log, error);
          return [];
        }
      }),
    );
    const all = found.flat();
    return all.map(({ connectionId, region, generation, state, stack }) => {
      const isAlone = all.filter((each) => each.stack.name === stack.name).length === 1;
      const name = isAlone ? stack.name : `${connectionId}/${stack.name}`;
      const connection = connections.labelOf(connectionId);
      return {
        ...{ name, ref: { connectionId, stack: stack.name } },
        deployment: { name, generation, region, connection, state },
      };
    });
  }

  async at<T>(
    { deployment: name, for: what }: Parameters<ToolHost['at']>[0],
    { signal }: Work,
    use: (place: Place) => Promise<T>,
  ): Promise<T> {
    const { access, rows } = this.#sources;
    const { sessions, certificates } = access;
    const ref = await this.#refOf(name, signal);
    const acts = what !== undefined && what !== 'vehicles' && what !== 'doctor';
    if (acts) certificates.requireTrust();
    const deployment = await sessions.open(ref, signal);
    const need =
      what === undefined
        ? undefined
        : (await deployment.capabilities(signal)).find(({ id }) => id === what)?.needs;
    // Work that begins with finding the deployment tries what it is given; its user may have to be made first.
    const tries = what === 'onboard' || what === 'doctor';
    if (need !== undefined) await this.#signIn(ref, need, tries);
    const connection = await access.connections.open(ref.connectionId);
    const place: Place = {
      ...{ connection, deployment },
      certificates: what === 'onboard' ? await certificates.forWriting() : certificates.forReading(),
      cloud: access.backend().createCloudIdentities(connection),
      workDeps: () => (what === 'onboard' ? access.forOnboarding(ref) : access.forDiagnosis(ref)),
    };
    this.simulations.keep(place, ref);
    try {
      const result = await use(place);
      if (tries && need !== undefined) await sessions.rememberGiven(ref, need);
      return result;
    } finally {
      if (tries && need !== undefined) sessions.takeBack(ref, need);
      if (acts) rows.refresh();
    }
  }

  /** Asks in the window, where nobody is signed in. @throws CmsError CANCELLED when the person leaves */
  async #signIn(ref: StackRef, need: CredentialNeed, tries: boolean): Promise<void> {
    const { access, signIns } = this.#sources;
    if (!isGiven(need) || (await access.sessions.has(ref, need))) return;
    try {
      if (tries) {
        const who = await signIns.ask(ref, need);
        if (who !== undefined) access.sessions.give(ref, need, who);
      } else if ((await signIns.now(ref, need)) === undefined) throw cancelled();
    } catch (error) {
      throw error instanceof vscode.CancellationError ? cancelled() : error;
    }
  }

  /** @throws CmsError STACK_NOT_FOUND, STACK_AMBIGUOUS */
  async #refOf(name: string | undefined, signal: AbortSignal): Promise<StackRef> {
    const ready = (await this.#reached(signal)).filter(({ deployment }) => deployment.state.kind === 'ready');
    const meant = name === undefined ? ready : ready.filter((each) => each.name === name);
    const [only, another] = meant;
    if (only !== undefined && another === undefined) return only.ref;
    const names = ready.map((each) => each.name).join(', ');
    if (ready.length === 0) {
      throw new CmsError('STACK_NOT_FOUND', l10n.t('No stack is ready.'), {
        remedy: l10n.t('Start the local sandbox, or add a connection to your AWS account.'),
      });
    }
    throw name === undefined
      ? new CmsError('STACK_AMBIGUOUS', l10n.t('There are several deployments: {names}.', { names }), {
          remedy: l10n.t('Specify which one.'),
        })
      : new CmsError('STACK_NOT_FOUND', l10n.t('There is no deployment {name}.', { name }), {
          remedy: l10n.t('It has: {names}.', { names }),
        });
  }

  device(): Promise<DeviceProcess> {
    return this.#sources.access.device.get();
  }

  fileOf(file: string): string {
    return path.resolve(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', file);
  }

  async confirm({ title, lines }: Question): Promise<boolean> {
    const go = vscode.l10n.t('Remove');
    const detail = lines.map(say).join('\n');
    return (await notify.warn(say(title), { modal: true, detail }, go)) === go;
  }
}

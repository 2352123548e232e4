import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { RegistrationFunction } from '../../provisioning/ca/function/registrationFunction.ts';
import { flag } from '../base/commandLine.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import { say } from '../base/say.ts';
import { notify } from '../base/shown.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import { placeWords } from '../stacks/placeWords.ts';
import type { Targets } from '../stacks/targets.ts';
import { askAboutOthers, pickAllowList } from './allowListQuestions.ts';
import { CaFunctionNode } from './caFunctionNode.ts';
import { CaNode } from './caNodes.ts';
import { roleBoundary } from './roleBoundary.ts';
import type { VehicleAccess } from './vehicleAccess.ts';

interface Sources {
  access: VehicleAccess;
  rows: RowChanges;
}

/** The function that lets vehicles of an own CA in while nobody watches: deployed, given its list, removed. */
export class CaFunctionActions {
  readonly #tasks: Tasks;
  readonly #targets: Targets;
  readonly #sources: Sources;

  constructor(tasks: Tasks, targets: Targets, sources: Sources) {
    this.#tasks = tasks;
    this.#targets = targets;
    this.#sources = sources;
  }

  async setUp(target: unknown): Promise<void> {
    const { access, rows } = this.#sources;
    access.certificates.requireTrust();
    const ref = await this.#targets.stack(target);
    if (ref === undefined) return;
    const caId = await this.#caOf(target);
    const file = await pickAllowList();
    if (file === undefined) return;
    const revoke = await askAboutOthers();
    if (revoke === undefined) return;
    const text = await readFile(file.fsPath, 'utf8');
    const looking = vscode.l10n.t('Looking for the registration function of CA {0}', caId.slice(0, 12));
    const plan = await this.#tasks.run({ title: looking, quiet: true }, async ({ signal }) => {
      const { ownCaOf, readAllowList, whatIsReplaced } = access.backend();
      const deps = await access.forProvisioning(ref, signal);
      const list = readAllowList(text, (vin) => deps.deployment.vehicles.refOf(vin)?.thingName);
      const setup = ownCaOf(deps);
      const where = await placeWords(ref, deps.connection, signal);
      const replaced = await whatIsReplaced({ caId, list }, deps.connection, signal);
      return { where, list, setup, replaced };
    });
    if (plan === undefined) return;
    const { list, setup, replaced } = plan;
    const { functionCode, ensureFunction, whatChanges, whatFunctionMakes, whatWasSetUp, whomItLetsIn } =
      access.backend();
    const detail = [
      plan.where,
      ...whatFunctionMakes(caId).map((line) => `• ${say(line)}`),
      say(whomItLetsIn(list.size, revoke)),
      ...(replaced === undefined ? [] : whatChanges(replaced, { setup, revoke }).map(say)),
    ].join('\n');
    const go = replaced === undefined ? vscode.l10n.t('Deploy') : vscode.l10n.t('Update');
    const question = vscode.l10n.t('Deploy a registration function for CA {0}?', caId.slice(0, 12));
    const words = ['ca', 'function', 'setup', ...flag('id', caId), ...flag('allow', file.fsPath)];
    const picked = await access.cli.offered(
      ref,
      [
        ...words,
        ...(revoke ? ['--revoke-others'] : []),
        ...flag('roleBoundary', roleBoundary().roleBoundary ?? ''),
      ],
      (copy) => notify.warn(question, { modal: true, detail }, go, copy),
      ['connection', 'stack'],
    );
    if (picked !== go) return;
    const title = vscode.l10n.t('Setting up the registration function of CA {0}', caId.slice(0, 12));
    const done = await this.#tasks.run({ title, retry: () => void this.setUp(target) }, async (work) => {
      const deps = await access.forProvisioning(ref, work.signal);
      const wish = { caId, list, setup, revoke, code: await functionCode(), ...roleBoundary() };
      return ensureFunction(wish, deps.connection, work);
    });
    rows.refresh();
    if (done !== undefined) void notify.info(whatWasSetUp(done).map(say).join(' '));
  }

  async remove(target: unknown): Promise<void> {
    const { access, rows } = this.#sources;
    const ref = await this.#targets.stack(target);
    if (ref === undefined) return;
    const caId = await this.#caOf(target);
    const { allowedBy, findFunction, removeFunction, whatIsRemoved } = access.backend();
    const looking = vscode.l10n.t('Looking for the registration function of CA {0}', caId.slice(0, 12));
    const plan = await this.#tasks.run({ title: looking, quiet: true }, async ({ signal }) => {
      const connection = await access.connections.open(ref.connectionId);
      const found = await findFunction(caId, connection, signal);
      if (found === undefined) return { found };
      const vehicles = await allowedBy(found, connection, signal);
      return { found, vehicles, where: await placeWords(ref, connection, signal) };
    });
    if (plan === undefined) return;
    if (plan.found === undefined) {
      void notify.info(vscode.l10n.t('CA {0} has no registration function here.', caId.slice(0, 12)));
      return;
    }
    const detail = [plan.where, ...whatIsRemoved(plan.found, plan.vehicles).map(say)].join('\n');
    if (!(await this.#agreeToRemove(ref, caId, plan.found, detail))) return;
    const title = vscode.l10n.t('Removing the registration function of CA {0}', caId.slice(0, 12));
    const done = await this.#tasks.run({ title, retry: () => void this.remove(target) }, async (work) => {
      const connection = await access.connections.open(ref.connectionId);
      await removeFunction(caId, connection, work);
      return true;
    });
    rows.refresh();
    if (done === true) {
      void notify.info(vscode.l10n.t('The registration function of CA {0} is removed.', caId.slice(0, 12)));
    }
  }

  async #agreeToRemove(
    ref: StackRef,
    caId: string,
    { stack }: RegistrationFunction,
    detail: string,
  ): Promise<boolean> {
    const go = vscode.l10n.t('Remove');
    const question = vscode.l10n.t('Remove the registration function {0}?', stack.name);
    const words = ['ca', 'function', 'remove', ...flag('id', caId)];
    const picked = await this.#sources.access.cli.offered(
      ref,
      words,
      (copy) => notify.warn(question, { modal: true, detail }, go, copy),
      ['connection'],
    );
    return picked === go;
  }

  /** The CA of a row; without one, that of the workspace. */
  async #caOf(target: unknown): Promise<string> {
    const isOfCa = target instanceof CaNode || target instanceof CaFunctionNode;
    return isOfCa ? target.ca.id : this.#sources.access.ownCas.id();
  }
}

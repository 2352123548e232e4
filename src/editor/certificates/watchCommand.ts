import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { l10n, type Message } from '../../core/message.ts';
import type { Newcomer } from '../../provisioning/ca/decideNewcomer.ts';
import type { RegistrationListener } from '../../provisioning/ca/watchRegistrations.ts';
import { registerCommand } from '../base/registerCommand.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import { say, sayPlural } from '../base/say.ts';
import { notify } from '../base/shown.ts';
import type { StackRef } from '../base/stackRef.ts';
import type { Tasks } from '../base/tasks.ts';
import { placeWords } from '../stacks/placeWords.ts';
import type { Targets } from '../stacks/targets.ts';
import { askAboutOthers, pickAllowList } from './allowListQuestions.ts';
import { CaNode } from './caNodes.ts';
import type { VehicleAccess } from './vehicleAccess.ts';

interface Sources {
  access: VehicleAccess;
  rows: RowChanges;
}

/** *Watch Registrations…*: lets vehicles in as they come, until it is canceled. */
export function registerWatch(tasks: Tasks, targets: Targets, { access, rows }: Sources): vscode.Disposable {
  async function watch(target: unknown): Promise<void> {
    const ref = await targets.stack(target);
    if (ref === undefined) return;
    const caId = target instanceof CaNode ? target.ca.id : await access.ownCas.id();
    const file = await pickAllowList();
    if (file === undefined) return;
    const revoke = await askAboutOthers();
    if (revoke === undefined) return;
    const text = await readFile(file.fsPath, 'utf8');
    if (revoke && !(await agreeToRevoke(ref, text))) return;
    const counts = { admitted: 0, others: 0 };
    const soFar = (): Message => l10n.t('{admitted} let in, {others} not', counts);
    const watching = { hasBegun: false };
    const title = vscode.l10n.t('Watching for vehicles of the CA {0}', caId.slice(0, 12));
    await tasks.run({ title }, async (work) => {
      const { newcomerWords, ownCaOf, watchRegistrations } = access.backend();
      const deps = await access.forProvisioning(ref, work.signal);
      const wish = { caId, list: listIn(text, deps.deployment), setup: ownCaOf(deps), revoke };
      const tell = (message: Message): void => work.progress({ step: 'watch', level: 'info', message });
      const listener: RegistrationListener = {
        newcomer(newcomer: Newcomer) {
          counts[newcomer.result === 'admitted' ? 'admitted' : 'others'] += 1;
          const message = l10n.list([newcomerWords(newcomer), soFar()], 'sentences');
          work.progress({ step: 'watch', level: newcomer.result === 'admitted' ? 'info' : 'warn', message });
          rows.refresh();
        },
        state(state, why) {
          watching.hasBegun = true;
          tell(state === 'online' ? soFar() : l10n.t('Offline: {reason}', { reason: why?.message ?? '' }));
        },
      };
      await watchRegistrations(wish, deps.connection, listener, work);
    });
    // What was done before somebody ended it stays done.
    if (watching.hasBegun)
      void notify.info(say(l10n.t('The watch has ended: {counts}.', { counts: soFar() })));
  }

  /** None of them comes back. */
  async function agreeToRevoke(ref: StackRef, text: string): Promise<boolean> {
    const title = vscode.l10n.t('Checking {0}', ref.stack);
    const plan = await tasks.run({ title, quiet: true }, async ({ signal }) => {
      const deps = await access.forProvisioning(ref, signal);
      const where = await placeWords(ref, deps.connection, signal);
      return { where, count: listIn(text, deps.deployment).size };
    });
    if (plan === undefined) return false;
    const { where, count } = plan;
    const allowed = sayPlural(
      count,
      l10n.t('The list allows 1 vehicle.'),
      l10n.t('The list allows {count} vehicles.', { count }),
    );
    const never = vscode.l10n.t(
      'A certificate that is revoked never comes in, even when a later list allows it.',
    );
    const go = vscode.l10n.t('Watch and Revoke');
    const question = vscode.l10n.t('Revoke the certificates of all vehicles that are not on the list?');
    const detail = [where, allowed, never].join('\n');
    return (await notify.warn(question, { modal: true, detail }, go)) === go;
  }

  function listIn(text: string, { vehicles }: { vehicles: { refOf: RefOf } }) {
    return access.backend().readAllowList(text, (vin) => vehicles.refOf(vin)?.thingName);
  }

  return registerCommand(tasks, 'watchRegistrations', ({ target }) => watch(target));
}

type RefOf = (vin: string) => { thingName: string } | undefined;

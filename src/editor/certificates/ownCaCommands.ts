import * as vscode from 'vscode';
import { registerCommand } from '../base/registerCommand.ts';
import type { RowChanges } from '../base/rowChanges.ts';
import type { Tasks } from '../base/tasks.ts';
import type { Targets } from '../stacks/targets.ts';
import { CaActions } from './caCommands.ts';
import { CaFunctionActions } from './caFunctionCommands.ts';
import { FactoryActions } from './factoryCommands.ts';
import type { VehicleAccess } from './vehicleAccess.ts';

/** The commands for CAs of one's own. What does them is loaded when the first is chosen. */
export function registerOwnCas(
  tasks: Tasks,
  targets: Targets,
  sources: { access: VehicleAccess; rows: RowChanges },
): vscode.Disposable {
  const cas = (): CaActions => new CaActions(tasks, targets, sources);
  const functions = (): CaFunctionActions => new CaFunctionActions(tasks, targets, sources);
  const factory = (): FactoryActions => new FactoryActions(tasks, sources.access);
  return vscode.Disposable.from(
    registerCommand(tasks, 'createCa', ({ target }) => cas().create(target)),
    registerCommand(tasks, 'addCa', ({ target }) => cas().add(target)),
    registerCommand(tasks, 'registerCa', ({ target }) => cas().register(target)),
    registerCommand(tasks, 'switchCaOn', ({ target }) => cas().switch(target, true)),
    registerCommand(tasks, 'switchCaOff', ({ target }) => cas().switch(target, false)),
    registerCommand(tasks, 'removeCa', ({ target }) => cas().remove(target)),
    registerCommand(tasks, 'setUpRegistrationFunction', ({ target }) => functions().setUp(target)),
    registerCommand(tasks, 'removeRegistrationFunction', ({ target }) => functions().remove(target)),
    registerCommand(tasks, 'issueCertificates', ({ target }) => factory().issue(target)),
    registerCommand(tasks, 'requestCertificates', ({ target }) => factory().request(target)),
    registerCommand(tasks, 'importCertificates', ({ target }) => factory().import(target)),
  );
}

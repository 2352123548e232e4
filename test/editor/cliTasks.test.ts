import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { VIN } from '../support/editor/fleetSnapshot.ts';
import { useWorld } from '../support/editor/hostWorld.ts';
import { until } from '../support/until.ts';

describe('the tasks of the command line', function () {
  const world = useWorld(this, 'fleet');
  const { folder } = world;

  it('diagnose a vehicle of the workspace, and what is wrong stands in Problems', async () => {
    // Without a name to sign in with the task asks for no password.
    await world.run('forgetPasswords');
    await rm(path.join(folder, 'certs', VIN, 'production-certificate.pem.crt'));
    await world.row('cms-dev1');
    const task = await until('the task of the vehicle', async () =>
      (await vscode.tasks.fetchTasks({ type: 'cms-enablement' })).find(
        ({ name }) => name === `doctor ${VIN}`,
      ),
    );
    assert.deepEqual(task.problemMatchers, ['$cms-doctor']);
    const ended = new Promise<number | undefined>((resolve) => {
      const listener = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
        if (execution.task.name !== task.name) return;
        listener.dispose();
        resolve(exitCode);
      });
    });
    await vscode.tasks.executeTask(task);
    assert.equal(await ended, 1);
    const file = vscode.Uri.file(path.join(folder, 'certs', VIN, 'provisioning.json'));
    const problem = await until('the problem', () =>
      vscode.languages
        .getDiagnostics(file)
        .find(({ severity, code }) => severity === vscode.DiagnosticSeverity.Error && code === 'key-match'),
    );
    assert.match(problem.message, /certificate/);
  });
});

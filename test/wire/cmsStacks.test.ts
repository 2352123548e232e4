import assert from 'node:assert/strict';
import type { Connection } from '../../src/aws/connection.ts';
import { findDeployments } from '../../src/cms/discover.ts';
import { openDeployment } from '../../src/cms/open.ts';
import { connectTo, errorOf, person, nobody, openCdf } from '../support/cms.ts';
import { startSandbox } from '../support/sandbox.ts';
import type { SandboxProcess } from '../support/sandbox.ts';
import { english } from '../../src/core/wording.ts';

describe('the CMS stacks of the sandbox', () => {
  const { signal } = new AbortController();
  let sandbox: SandboxProcess;
  let connection: Connection;

  beforeEach(async () => {
    sandbox = await startSandbox({
      args: ['--stack', 'cms-dev1:cdf-core-development', '--stack', 'cms-prod:cdf-core-prod'],
    });
    connection = await connectTo(sandbox);
  });
  afterEach(async () => {
    connection.dispose();
    await sandbox.stop();
  });

  it('are found, each with its own core', async () => {
    const found: unknown[] = [];
    for await (const {
      stack,
      parts: { core },
      state,
    } of findDeployments(connection, signal)) {
      found.push([stack.name, core?.name, state.kind]);
    }
    assert.deepEqual(found, [
      ['cms-dev1', 'cdf-core-development', 'ready'],
      ['cms-prod', 'cdf-core-prod', 'ready'],
    ]);
  });

  it('must be chosen from when there are two', async () => {
    assert.equal((await errorOf(openDeployment(connection, {}, nobody, signal))).code, 'STACK_AMBIGUOUS');
    const chosen = await openDeployment(connection, { stack: 'cms-prod' }, nobody, signal);
    assert.equal(chosen.facts[0]?.value, 'cdf-core-prod');
    const unknown = await errorOf(openDeployment(connection, { stack: 'cms-x' }, nobody, signal));
    assert.equal(unknown.code, 'STACK_NOT_FOUND');
    assert.match(english(unknown.remedy ?? ''), /cms-dev1 .*cms-prod/);
  });

  it('are not mixed up', async () => {
    const choice = { stack: 'cms-dev1', parts: { core: 'cdf-core-prod' } };
    assert.equal(
      (await errorOf(openDeployment(connection, choice, nobody, signal))).code,
      'STACK_PAIRING_WRONG',
    );
  });

  it('are not opened when they failed', async () => {
    await sandbox.alterStack('cms-dev1', { status: 'UPDATE_ROLLBACK_FAILED' });
    const error = await errorOf(openDeployment(connection, { stack: 'cms-dev1' }, nobody, signal));
    assert.equal(error.code, 'STACK_NOT_READY');
    assert.equal((await openDeployment(connection, {}, nobody, signal)).stack.name, 'cms-prod');
  });

  it('are not opened when an output is missing', async () => {
    await sandbox.alterStack('cms-dev1', { removeOutputs: ['UserPoolClientId'] });
    const error = await errorOf(openDeployment(connection, { stack: 'cms-dev1' }, nobody, signal));
    assert.equal(error.code, 'STACK_OUTPUT_MISSING');
    assert.equal(error.details.missing, 'UserPoolClientId');
  });

  it('leave the asset library open in the documented install', async () => {
    const cms = await openCdf(connection, signal);
    await cms.signIn(person, { create: true }, signal);
    assert.equal(await cms.assetLibraryOpen(signal), true);
  });
});

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type CliRun, type CliStart, runCli } from '../support/cli.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { strangers, type Strangers } from '../support/strangers.ts';
import { until } from '../support/until.ts';

const [ONE, TWO, STRANGER] = ['1FAHP2E80DG000011', '1FAHP2E80DG000022', '1FAHP2E80DG000033'] as const;

describe('the function that lets vehicles in while nobody watches', function () {
  this.timeout(120_000);
  let sandbox: SandboxProcess;
  let folder: string;
  let they: Strangers;
  let stack: string;

  before(async () => {
    sandbox = await startSandbox({ args: ['--no-limits', '--run-functions'] });
    folder = await mkdtemp(path.join(os.tmpdir(), 'registration-function-'));
    they = strangers(sandbox, folder);
    await cli('ca', 'create', '--common-name', 'Acme', '--no-passphrase');
    await writeFile(
      path.join(folder, 'fleet.csv'),
      `vin,allowAnyVin\n${[ONE, TWO, STRANGER].map((vin) => `${vin},true\n`).join('')}`,
    );
    await cli('certificates', 'issue', '--fleet', 'fleet.csv');
    const rows = (await readFile(path.join(folder, 'certs/manifest.csv'), 'utf8')).split('\n');
    await writeFile(
      path.join(folder, 'allow.csv'),
      rows.filter((row) => !row.startsWith(STRANGER)).join('\n'),
    );
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });
  // The factory stays; AWS forgets.
  beforeEach(async () => {
    await sandbox.reset();
    const registered = result(await cli('ca', 'register', '--provisioner', 'jitr', '--json'));
    stack = `cms-enablement-registrations-${String(registered?.caCertificateId).slice(0, 12)}`;
  });

  async function start(args: readonly string[], onOutput?: CliStart['onOutput']): Promise<CliRun> {
    const offline = args[0] === 'certificates' || args[1] === 'create' || args[2] === 'template';
    const to = offline ? [] : ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile];
    return runCli([...args, ...to], {
      cwd: folder,
      env: {
        AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
        AWS_REGION: sandbox.ready.region,
      },
      ...(onOutput && { onOutput }),
    });
  }
  async function cli(...args: string[]): Promise<CliRun> {
    const done = await start(args);
    assert.equal(done.code, 0, `${args.join(' ')}\n${done.stdout}${done.stderr}`);
    return done;
  }
  const result = (done: CliRun) => done.objects().find(({ type }) => type === 'result');
  const setUp = (allow = 'allow.csv', ...more: string[]) =>
    cli('ca', 'function', 'setup', '--allow', allow, '--yes', '--json', ...more);
  const pair = (vin: string, folder = 'certs') => ({
    crt: `${folder}/${vin}/production-certificate.pem.crt`,
    key: `${folder}/${vin}/production-private.pem.key`,
  });
  const certificateOf = async (vin: string): Promise<string> => {
    const rows = (await readFile(path.join(folder, 'certs/manifest.csv'), 'utf8')).split('\n');
    return rows.find((row) => row.startsWith(vin))?.split(',')[2] ?? '';
  };
  const statusOf = async (certificateId: string): Promise<string> => {
    const found = await they.aws('iot', 'describe-certificate', '--certificate-id', certificateId);
    return (found.certificateDescription as { status: string }).status;
  };
  /** What the function said of a certificate. */
  const said = (certificateId: string) =>
    until('the word of the function', () =>
      sandbox
        .log()
        .split('\n')
        .filter((line) => line.includes(certificateId) && line.includes('"result"'))
        .at(-1),
    );
  const resources = async (): Promise<Map<string, string>> => {
    const { StackResources: found } = await they.aws(
      ...['cloudformation', 'describe-stack-resources', '--stack-name', stack],
    );
    return new Map(
      (found as { LogicalResourceId: string; PhysicalResourceId: string }[]).map((each) => [
        each.LogicalResourceId,
        each.PhysicalResourceId,
      ]),
    );
  };

  it('lets in what the list allows, and leaves all others pending', async () => {
    const done = result(await setUp());
    assert.deepEqual([done?.stack, done?.result], [stack, 'created']);
    assert.deepEqual(done?.list, { added: 2, changed: 0, same: 0, removed: 0 });
    assert.equal(await they.send(pair(ONE), ONE), false, 'the first connect is closed');
    await they.sendAgain(pair(ONE), ONE);
    assert.equal(await they.send(pair(STRANGER), STRANGER), false);
    const stranger = await certificateOf(STRANGER);
    assert.match(await said(stranger), /"result":"refused","why":"1FAHP2E80DG000033 is not in the list"/);
    assert.equal(await statusOf(stranger), 'PENDING_ACTIVATION');
    const { things } = await they.aws(
      ...['iot', 'list-principal-things', '--principal'],
      `arn:aws:iot:us-west-2:123456789012:cert/${await certificateOf(ONE)}`,
    );
    assert.deepEqual(things, [ONE]);
  });

  it('revokes others when it was asked to, and has its list before it revokes anything', async () => {
    await setUp('allow.csv', '--revoke-others');
    const stranger = await certificateOf(STRANGER);
    assert.equal(await they.send(pair(STRANGER), STRANGER), false);
    await said(stranger);
    assert.equal(await statusOf(stranger), 'REVOKED');
    const { StackEvents: events } = await they.aws(
      ...['cloudformation', 'describe-stack-events', '--stack-name', stack],
    );
    const functions = (events as { LogicalResourceId: string; ResourceStatus: string }[])
      .filter(({ LogicalResourceId: id }) => id === 'Function')
      .map(({ ResourceStatus: status }) => status);
    assert.deepEqual(functions.reverse(), ['CREATE_COMPLETE', 'UPDATE_COMPLETE']);
    await they.sendAgain(pair(ONE), ONE);
  });

  it('of two certificates of one vehicle, a list of VINs lets one in', async () => {
    await writeFile(path.join(folder, 'vins.csv'), `vin\n${ONE}\n`);
    await setUp('vins.csv');
    await cli('certificates', 'issue', '--fleet', 'fleet.csv', '--certs', 'twins');
    const twin = pair(ONE, 'twins');
    await Promise.all([they.send(pair(ONE), ONE), they.send(twin, ONE)]);
    await until('one to be in', async () =>
      (await Promise.all([they.send(pair(ONE), ONE), they.send(twin, ONE)])).includes(true),
    );
    const { principals } = await they.aws('iot', 'list-thing-principals', '--thing-name', ONE);
    assert.equal((principals as string[]).length, 1, JSON.stringify(principals));
  });

  it('what it may not do, it does not; with its permission back, the vehicle comes in', async () => {
    await setUp();
    const role = (await resources()).get('Role') ?? '';
    const named = ['--role-name', role, '--policy-name', 'decide'];
    const { PolicyDocument: document } = await they.aws('iam', 'get-role-policy', ...named);
    const allowed = document as { Version: string; Statement: { Action: string[] }[] };
    const less = {
      ...allowed,
      Statement: allowed.Statement.filter(({ Action }) => !Action.includes('iot:UpdateCertificate')),
    };
    await they.aws('iam', 'put-role-policy', ...named, '--policy-document', JSON.stringify(less));
    assert.equal(await they.send(pair(ONE), ONE), false);
    await until('the refusal in the log', () =>
      /may not|not authorized|ACCESS_DENIED|refused/i.test(sandbox.log()),
    );
    assert.equal(await statusOf(await certificateOf(ONE)), 'PENDING_ACTIVATION');
    await they.aws('iam', 'put-role-policy', ...named, '--policy-document', JSON.stringify(allowed));
    await they.sendAgain(pair(ONE), ONE);
  });

  it('setup finds itself done; another list changes what comes in from then on', async () => {
    await setUp();
    const again = result(await setUp());
    assert.deepEqual([again?.result, again?.list], ['found', { added: 0, changed: 0, same: 2, removed: 0 }]);
    await writeFile(path.join(folder, 'other.csv'), `vin,certificateId\n${TWO},${'0'.repeat(64)}\n`);
    const without = await start(['ca', 'function', 'setup', '--allow', 'other.csv', '--yes']);
    assert.equal(without.code, 2, without.stderr);
    assert.match(without.stderr, /Its list has 2 vehicles, of which 1 will be removed/);
    assert.match(without.stderr, /a vehicle that is not in yours.*\n.*--replace-list/);
    const other = result(await setUp('other.csv', '--replace-list'));
    assert.deepEqual([other?.result, other?.list], ['found', { added: 0, changed: 1, same: 0, removed: 1 }]);
    assert.equal(await they.send(pair(TWO), TWO), false);
    assert.match(await said(await certificateOf(TWO)), /is in the list with another certificate/);
  });

  for (const words of ['Deploying stack']) {
    it(`killed at “${words}”, the next setup finishes it`, async () => {
      let isKilled = false;
      await start(
        ['ca', 'function', 'setup', '--allow', 'allow.csv', '--yes', '--verbose'],
        (child, text) => {
          if (isKilled || !text.includes(words)) return;
          isKilled = true;
          child.kill('SIGKILL');
        },
      );
      assert.ok(isKilled);
      await setUp();
      assert.equal(
        (await they.send(pair(ONE), ONE), await said(await certificateOf(ONE))).includes('admitted'),
        true,
      );
    });
  }

  it('remove says what goes, and leaves nothing but the vehicles that came in', async () => {
    await setUp();
    await they.send(pair(ONE), ONE);
    await they.sendAgain(pair(ONE), ONE);
    const made = await resources();
    const ca = await start(['ca', 'remove']);
    assert.match(ca.stderr, /The function of stack .* lets its vehicles in\. It stays/);
    const asked = await start(['ca', 'function', 'remove']);
    assert.equal(asked.code, 2, asked.stderr);
    assert.match(asked.stderr, /its list of 2 vehicles/);
    await cli('ca', 'function', 'remove', '--yes');
    await assert.rejects(they.aws('iam', 'get-role', '--role-name', made.get('Role') ?? ''), /NoSuchEntity/);
    await assert.rejects(
      they.aws('dynamodb', 'describe-table', '--table-name', made.get('AllowList') ?? ''),
      /ResourceNotFoundException/,
    );
    const { rules } = await they.aws('iot', 'list-topic-rules');
    assert.ok(!JSON.stringify(rules).includes(made.get('Rule') ?? '-'));
    assert.equal(await they.send(pair(ONE), ONE), true, 'it keeps working');
    const again = await cli('ca', 'function', 'remove', '--yes');
    assert.match(again.stdout, /There is no stack/);
  });

  it('the AWS CLI deploys the template that is printed', async () => {
    const { stdout } = await cli('ca', 'function', 'template');
    await writeFile(path.join(folder, 'template.json'), stdout);
    const parameters = { CaCertificateId: 'a'.repeat(64), DevicePolicy: 'P', ThingType: 'tcu' };
    await they.aws(
      ...['cloudformation', 'create-stack', '--stack-name', 'own', '--capabilities', 'CAPABILITY_IAM'],
      ...['--template-body', 'file://template.json', '--parameters'],
      ...Object.entries(parameters).map(([key, value]) => `ParameterKey=${key},ParameterValue=${value}`),
    );
    await they.aws('cloudformation', 'wait', 'stack-create-complete', '--stack-name', 'own');
    const { Stacks } = await they.aws('cloudformation', 'describe-stacks', '--stack-name', 'own');
    const [own] = Stacks as { Outputs: { OutputKey: string }[] }[];
    assert.deepEqual(own?.Outputs.map(({ OutputKey }) => OutputKey).sort(), [
      ...['FunctionName', 'LogGroupName', 'RuleName', 'TableName'],
    ]);
  });

  it('a CA whose template lets its vehicles in gets no function', async () => {
    await cli('ca', 'create', '--common-name', 'Other', '--no-passphrase', '--ca-folder', 'other');
    await cli('ca', 'register', '--provisioner', 'jitp', '--ca-folder', 'other');
    const args = ['ca', 'function', 'setup', '--allow', 'allow.csv', '--yes', '--ca-folder', 'other'];
    const done = await start(args);
    assert.notEqual(done.code, 0);
    assert.match(done.stderr, /a template lets its vehicles in already/);
  });
});

describe('a sandbox that runs no functions', () => {
  let sandbox: SandboxProcess;
  let folder: string;

  before(async () => {
    sandbox = await startSandbox();
    folder = await mkdtemp(path.join(os.tmpdir(), 'no-functions-'));
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('refuses the stack with its reason, which is said, and leaves nothing of it', async () => {
    const they = strangers(sandbox, folder);
    const run = (...args: string[]) =>
      runCli(args, {
        cwd: folder,
        env: {
          AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
          AWS_REGION: sandbox.ready.region,
        },
      });
    const to = ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile];
    await run('ca', 'create', '--common-name', 'Acme', '--no-passphrase');
    await run('ca', 'register', '--provisioner', 'jitr', ...to);
    await writeFile(path.join(folder, 'allow.csv'), `vin\n${ONE}\n`);
    const done = await run('ca', 'function', 'setup', '--allow', 'allow.csv', '--yes', ...to);
    assert.notEqual(done.code, 0);
    assert.match(done.stderr, /is ROLLBACK_COMPLETE: Function: .*--run-functions/);
    const { Roles } = await they.aws('iam', 'list-roles');
    assert.ok(!JSON.stringify(Roles).includes('cms-enablement-registrations'));
  });
});

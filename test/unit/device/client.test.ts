import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CmsError } from '../../../src/core/errors.ts';
import { startDevice, type DeviceProcess, type Keep } from '../../../src/device/client/deviceProcess.ts';
import type { Device } from '../../../src/provisioning/device.ts';
import { DriveMeter } from '../../../src/text/driveSummary.ts';
import { testWork } from '../../support/works.ts';
import { l10n } from '../../../src/core/message.ts';

const broker = { host: 'localhost', port: 1, rootCaPem: 'root' };
const identity = { certificatePem: 'certificate', privateKeyPem: 'private' };
const claimRequest = { broker, claim: identity, clientId: 'c', templateName: 'T', parameters: {} };
const publishRequest = { broker, identity, clientId: 'c', messages: [] };

/** The parent's side against processes that behave in every way a real one could. */
describe('the program that uses the device process', () => {
  let folder: string;
  let device: Device | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'device-'));
  });
  afterEach(async () => {
    device?.dispose();
    device = undefined;
    await rm(folder, { recursive: true, force: true });
  });

  /** A device process that runs `script` for each message `m`. */
  async function start(script: string): Promise<Device> {
    const command = join(folder, 'device.js');
    await writeFile(command, `const fs = require('node:fs'); process.on('message', (m) => { ${script} });`);
    device = await startDevice({ command });
    return device;
  }

  it('says that the process is missing', async () => {
    device = await startDevice({ command: join(folder, 'none.js') });
    await assert.rejects(device.publish(publishRequest, testWork()), {
      code: 'DEVICE_PROCESS_FAILED',
      message: /none\.js is missing/,
    });
  });

  it('a crash during a request fails that request, and the next one starts a new process @slow', async () => {
    const marker = join(folder, 'crashed');
    const running = await start(
      `if (!fs.existsSync(${JSON.stringify(marker)})) { fs.writeFileSync(${JSON.stringify(marker)}, ''); process.exit(3); }
       process.send({ id: m.id, kind: 'done', result: {} });`,
    );
    await assert.rejects(running.publish(publishRequest, testWork()), {
      code: 'DEVICE_PROCESS_FAILED',
      message: /exit code 3/,
    });
    await running.publish(publishRequest, testWork());
  });

  it('a crash fails every request under way @slow', async () => {
    const running = await start(`if (m.id === 3) process.kill(process.pid, 'SIGKILL');`);
    const results = await Promise.allSettled(
      [1, 2, 3].map(() => running.publish(publishRequest, testWork())),
    );
    for (const result of results) {
      assert.ok(result.status === 'rejected' && result.reason instanceof CmsError);
      assert.match(result.reason.message, /SIGKILL/);
    }
  });

  it('drops messages that are none, of no request, or of another kind @slow', async () => {
    const running = await start(
      `for (const bad of [null, 'x', 7, {}, { kind: 'done' }, { kind: 'done', id: 'x', result: {} }, { id: 999, kind: 'done', result: {} },
                          { id: m.id, kind: 'nonsense' }, { id: m.id, kind: 'done' }]) if (bad !== undefined) process.send(bad);
       process.send({ id: m.id, kind: 'done', result: {} });`,
    );
    await assert.doesNotReject(running.publish(publishRequest, testWork()));
  });

  it('hands on code, words, remedy, step and details of a failure; an unknown code becomes DEVICE_PROCESS_FAILED @slow', async () => {
    const running = await start(
      `const words = (text) => ({ kind: 'verbatim', text });
      process.send({ id: m.id, kind: 'failed', problem: { code: m.id === 1 ? 'CLAIM_REJECTED' : 'NONSENSE', sentence: words('words'), remedy: words('do'), step: 's', details: { topic: 't' } } });`,
    );
    await assert.rejects(running.publish(publishRequest, testWork()), {
      code: 'CLAIM_REJECTED',
      message: 'words',
      remedy: l10n.verbatim('do'),
      step: 's',
      details: { topic: 't' },
    });
    await assert.rejects(running.publish(publishRequest, testWork()), { code: 'DEVICE_PROCESS_FAILED' });
  });

  it('a done without the certificate it is about is a failure @slow', async () => {
    const running = await start(`process.send({ id: m.id, kind: 'done', result: { thingName: 'x' } });`);
    await assert.rejects(
      running.claim(claimRequest, () => Promise.resolve(), testWork()),
      { code: 'DEVICE_PROCESS_FAILED' },
    );
  });

  it('cancelling returns even if the process never says so @slow', async () => {
    const running = await start('');
    const work = testWork();
    const publishing = running.publish(publishRequest, work);
    work.cancel();
    await assert.rejects(publishing, { code: 'CANCELLED' });
  });

  it('whoever asks to keep a run while that is under way waits for the same @slow', async () => {
    const asked = join(folder, 'asked');
    const keeping = (await start(
      `if (m.kind === 'keep') process.send({ id: m.id, kind: 'keeping' });
       if (m.kind === 'kept') { fs.appendFileSync(${JSON.stringify(asked)}, 'x'); process.send({ id: m.id, kind: 'kept' }); }`,
    )) as DeviceProcess;
    let keep: Keep | undefined;
    const request = {
      ...{ simulationId: 'run', generation: 'cdf' as const, broker },
      routes: [],
      vehicles: [],
    };
    const handlers = {
      update: () => undefined,
      steer: () => undefined,
      keeper: (given: Keep) => (keep = given),
    };
    const running = keeping.simulate(request, handlers, testWork());
    running.catch(() => undefined);
    const order = () => ({
      ...{ file: 'f', resultFile: 'r', facts: '{}' },
      soFar: { vehicles: [], meter: new DriveMeter().state, history: [], speed: 1 },
    });
    await Promise.all([keep?.(order), keep?.(order)]);
    assert.equal(await readFile(asked, 'utf8'), 'x');
  });

  it('disposing ends a request under way and refuses the next', async () => {
    const running = await start('');
    const publishing = running.publish(publishRequest, testWork());
    running.dispose();
    await assert.rejects(publishing, { code: 'DEVICE_PROCESS_FAILED' });
    await assert.rejects(running.publish(publishRequest, testWork()), { code: 'DEVICE_PROCESS_FAILED' });
  });

  it('gives the process neither cloud credentials nor passwords, and nothing on its command line @slow', async () => {
    const out = join(folder, 'seen');
    const running = await start(
      `fs.writeFileSync(${JSON.stringify(out)}, JSON.stringify([process.argv.slice(2), process.execArgv, Object.keys(process.env)]));
       process.send({ id: m.id, kind: 'done', result: {} });`,
    );
    const secret = [
      'AWS_SECRET_ACCESS_KEY',
      'CMS_PASSWORD',
      'GITHUB_TOKEN',
      'SOME_API_KEY',
      'DB_PASS',
      'GOOGLE_APPLICATION_CREDENTIALS',
    ];
    for (const name of secret) process.env[name] = 'x';
    try {
      await running.publish(publishRequest, testWork());
    } finally {
      for (const name of secret) Reflect.deleteProperty(process.env, name);
    }
    const [argv, execArgv, names] = JSON.parse(await readFile(out, 'utf8')) as [string[], string[], string[]];
    assert.deepEqual([argv, execArgv], [[], []]);
    assert.ok(names.includes('PATH'));
    assert.deepEqual(
      names.filter((name) => name.startsWith('AWS_') || secret.includes(name)),
      [],
    );
  });
});

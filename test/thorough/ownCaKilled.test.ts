import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ListCertificatesByCACommand, ListThingPrincipalsCommand } from '@aws-sdk/client-iot';
import { usablePair } from '../../src/provisioning/stored.ts';
import { type CliRun, type CliStart, runCli } from '../support/cli.ts';
import { dieAtCall, isChange } from '../support/killing.ts';
import { useFactory, VIN } from '../support/ownCa.ts';
import { testCredentials } from '../support/sandbox.ts';

type Way = 'jitp' | 'jitr';

/** A run that dies between any two of its steps, and is run again. */
describe('With a CA of one’s own, a run that is killed', function () {
  this.timeout(300_000);
  const factory = useFactory();

  function start(
    args: string[],
    { endpoint, ...more }: CliStart & { endpoint?: string } = {},
  ): Promise<CliRun> {
    const { sandbox, folder } = factory;
    const env = {
      AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
      AWS_REGION: sandbox.ready.region,
    };
    const to = ['--endpoint', endpoint ?? sandbox.endpoint, '--ca', sandbox.caFile];
    return runCli([...args, ...to], { cwd: folder, env, ...more });
  }
  const argsOf = (way: Way) => [
    'provision',
    '--vin',
    VIN,
    '--provisioner',
    way,
    '--ca-folder',
    'ca',
    '--verbose',
  ];
  const pair = async () => usablePair(await factory.certificates.production(VIN));

  /** One certificate, in service, over the key that was on the disk. */
  async function finishes(way: Way, about: string): Promise<void> {
    const { iot, ca, statusOf } = factory;
    const saved = await pair();
    const again = await start(argsOf(way));
    assert.equal(again.code, 0, `${about}\n${again.stdout}${again.stderr}`);
    const now = await pair();
    assert.ok(now, about);
    if (saved !== undefined) assert.equal(now.identity.privateKeyPem, saved.identity.privateKeyPem, about);
    assert.equal(await statusOf(now.certificateId), 'ACTIVE', about);
    const all = await iot.send(new ListCertificatesByCACommand({ caCertificateId: ca.signing.id }));
    assert.deepEqual(
      all.certificates?.map(({ certificateId }) => certificateId),
      [now.certificateId],
      about,
    );
    const { principals } = await iot.send(new ListThingPrincipalsCommand({ thingName: VIN }));
    assert.equal(principals?.length, 1, about);
  }

  const CHANGES: Record<Way, string[]> = {
    jitp: [
      'iam:CreateRole',
      'iam:AttachRolePolicy',
      'iot:CreateProvisioningTemplate',
      'iot:RegisterCACertificate',
    ],
    jitr: [
      'iot:RegisterCACertificate',
      'iot:CreateThing',
      'iot:AttachPolicy',
      'iot:AttachThingPrincipal',
      'iot:UpdateCertificate',
    ],
  };
  for (const way of ['jitp', 'jitr'] as const) {
    it(`after any call that changes something (${way}) is finished by the next: one certificate, the same key`, async () => {
      const seen: string[] = [];
      for (;;) {
        await factory.sandbox.reset();
        await rm(join(factory.folder, 'certs'), { recursive: true, force: true });
        let count = 0;
        const isPoint = (operation: string): boolean => isChange(operation) && count++ === seen.length;
        const bench = { sandbox: factory.sandbox, start };
        const where = await dieAtCall(bench, argsOf(way), { when: 'after', isPoint });
        if (where === undefined) break;
        seen.push(where.replace('after ', ''));
        await finishes(way, where);
      }
      assert.deepEqual(seen, CHANGES[way]);
    });
  }

  for (const [way, words] of [
    ['jitp', 'Signing a certificate'],
    ['jitp', 'Connecting as'],
    ['jitp', 'first connect registers'],
    ['jitr', 'Letting'],
  ] as const) {
    it(`at “${words}” (${way}) is finished by the next: one certificate, the same key`, async () => {
      let isKilled = false;
      const first = await start(argsOf(way), {
        onOutput(child, text) {
          if (isKilled || !text.includes(words)) return;
          isKilled = child.kill('SIGKILL');
        },
      });
      assert.ok(isKilled, `the step came\n${first.stderr}`);
      await finishes(way, words);
    });
  }

  it('in the middle of a batch keeps every pair that is whole, and the next run lists all in their order', async () => {
    const listed = Array.from({ length: 120 }, (_, n) => `1FAHP2E80DG000${String(400 + n)}`);
    await writeFile(join(factory.folder, 'fleet.csv'), `vin,allowAnyVin\n${listed.join(',true\n')},true\n`);
    const issue = ['certificates', 'issue', '--fleet', 'fleet.csv', '--ca-folder', 'ca', '--json'];
    for (const after of [1, 20, 60]) {
      await runCli(issue, {
        cwd: factory.folder,
        onOutput(child, text) {
          if (text.split('"result":"issued"').length > after) child.kill('SIGKILL');
        },
      });
    }
    const { certificates } = factory;
    const kept = new Map<string, string | undefined>();
    for (const id of await certificates.ids())
      kept.set(id, usablePair(await certificates.production(id))?.certificateId);
    assert.ok(kept.size >= 60 && kept.size < listed.length, `${kept.size} pairs`);
    assert.ok(![...kept.values()].includes(undefined), 'each folder has a whole pair');
    const done = await runCli(issue, { cwd: factory.folder });
    assert.equal(done.code, 0, done.stderr);
    const rows = (await readFile(join(factory.folder, 'certs/manifest.csv'), 'utf8'))
      .trim()
      .split('\n')
      .slice(1);
    assert.deepEqual(
      rows.map((row) => row.split(',')[0]),
      listed,
    );
    for (const row of rows) {
      const [vin = '', , certificateId] = row.split(',');
      assert.equal(usablePair(await certificates.production(vin))?.certificateId, certificateId);
      if (kept.has(vin)) assert.equal(certificateId, kept.get(vin), 'the key of before');
    }
    const left = (await readdir(join(factory.folder, 'certs'))).filter((name) =>
      name.startsWith('.incoming'),
    );
    assert.deepEqual(left, []);
  });
});

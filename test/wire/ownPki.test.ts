import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type CliRun, runCli } from '../support/cli.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';
import { strangers, type Strangers } from '../support/strangers.ts';

const VINS = ['1FAHP2E80DG000011', '1FAHP2E80DG000022'] as const;
const PASSPHRASE = 'Zq8-passphrase-x';

describe('a CA of one’s own PKI on the command line', function () {
  this.timeout(120_000);
  let sandbox: SandboxProcess;
  let folder: string;
  let they: Strangers;

  before(async () => {
    sandbox = await startSandbox({ args: ['--no-limits'] });
  });
  after(() => sandbox.stop());
  beforeEach(async () => {
    await sandbox.reset();
    folder = await mkdtemp(path.join(os.tmpdir(), 'own-pki-'));
    they = strangers(sandbox, folder);
    await writeFile(file('v3.cnf'), 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n');
    await openssl('req', '-x509', ...EC, '-nodes', '-keyout', 'root.key', '-out', 'root.crt', '-subj', '/O=Acme/CN=Root', '-days', '60'); // prettier-ignore
    // An intermediate whose key is PKCS#8 and encrypted.
    await openssl('req', '-new', ...EC, '-passout', `pass:${PASSPHRASE}`, '-keyout', 'ca.key', '-out', 'ca.csr', '-subj', '/O=Acme/CN=Vehicles'); // prettier-ignore
    await openssl('x509', '-req', '-in', 'ca.csr', '-CA', 'root.crt', '-CAkey', 'root.key', '-CAcreateserial', '-out', 'ca.crt', '-days', '50', '-extfile', 'v3.cnf'); // prettier-ignore
    await writeFile(file('chain.pem'), (await text('ca.crt')) + (await text('root.crt')));
    await writeFile(file('fleet.csv'), `vin,allowAnyVin\n${VINS.map((vin) => `${vin},true\n`).join('')}`);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const file = (name: string): string => path.join(folder, name);
  const text = (name: string): Promise<string> => readFile(file(name), 'utf8');
  const openssl = (...args: string[]) => they.openssl(...args);
  const sign = (csr: string, crt: string) =>
    openssl('x509', '-req', '-in', csr, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-passin', `pass:${PASSPHRASE}`, '-CAcreateserial', '-out', crt, '-days', '9'); // prettier-ignore
  const run = (
    args: string[],
    { online = true, passphrase }: { online?: boolean; passphrase?: string } = {},
  ) =>
    runCli([...args, ...(online ? ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile] : [])], {
      cwd: folder,
      env: {
        AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
        AWS_REGION: sandbox.ready.region,
        CMS_CA_PASSPHRASE: passphrase,
      },
    });
  const good = async (done: Promise<CliRun>): Promise<CliRun> => {
    const ended = await done;
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    return ended;
  };

  it('with an encrypted key: its files are used where they are, and vehicles send the chain', async () => {
    const add = ['ca', 'add', '--certificate', 'chain.pem', '--key', 'ca.key', '--country', 'US'];
    const wrong = await run(add, { online: false, passphrase: 'Xq8-another-one' });
    assert.match(wrong.stderr, /does not open with this passphrase/);
    assert.ok(!existsSync(file('ca/ca.json')));
    await good(run(add, { online: false, passphrase: PASSPHRASE }));
    assert.ok(!existsSync(file('ca/ca.key')), 'nothing is copied');
    const provision = ['provision', '--vin', VINS[0], '--provisioner', 'jitp', '--allow-any-vin'];
    await good(run(provision, { passphrase: PASSPHRASE }));
    const pem = await text(`certs/${VINS[0]}/production-certificate.pem.crt`);
    assert.equal(pem.match(/BEGIN CERTIFICATE/g)?.length, 2);
    await openssl('verify', '-CAfile', 'root.crt', '-untrusted', 'ca.crt', `certs/${VINS[0]}/production-certificate.pem.crt`); // prettier-ignore
  });

  it('without its key: keys and requests are made here, signed elsewhere, taken in, and come in', async () => {
    await good(run(['ca', 'add', '--certificate', 'chain.pem'], { online: false }));
    const register = ['ca', 'register', '--provisioner', 'jitp'];
    const asked = await run(register);
    assert.notEqual(asked.code, 0);
    const [, code] = /common name ([0-9a-f]{64})/.exec(asked.stderr) ?? [];
    assert.ok(code, asked.stderr);
    await openssl('req', '-new', ...EC, '-nodes', '-keyout', 'proof.key', '-out', 'proof.csr', '-subj', `/CN=${code}`); // prettier-ignore
    await sign('proof.csr', 'proof.crt');
    await good(run([...register, '--verification', 'proof.crt']));

    const request = ['certificates', 'request', '--fleet', 'fleet.csv', '--json'];
    const made = await good(run(request, { online: false }));
    assert.equal(made.objects().find(({ type }) => type === 'result')?.made, 2);
    const key = await text(`requests/${VINS[0]}.key`);
    assert.equal((await stat(file(`requests/${VINS[0]}.key`))).mode & 0o777, 0o600);
    const again = await good(run(request, { online: false }));
    assert.equal(again.objects().find(({ type }) => type === 'result')?.found, 2);
    assert.equal(await text(`requests/${VINS[0]}.key`), key, 'the key is kept');

    for (const vin of VINS) await sign(`requests/${vin}.csr`, `${vin}.crt`);
    // A stranger's certificate among them, and one over another key.
    await openssl('req', '-x509', ...EC, '-nodes', '-keyout', 'x.key', '-out', 'x.crt', '-subj', `/CN=${VINS[0]}`, '-days', '9', '-addext', 'basicConstraints=critical,CA:FALSE'); // prettier-ignore
    await openssl(
      'req',
      '-new',
      ...EC,
      '-nodes',
      '-keyout',
      'y.key',
      '-out',
      'y.csr',
      '-subj',
      `/CN=${VINS[1]}`,
    );
    await sign('y.csr', 'y.crt');
    const pems = await Promise.all(
      ['x.crt', 'y.crt', 'ca.crt', `${VINS[0]}.crt`, `${VINS[1]}.crt`].map(text),
    );
    await writeFile(file('signed.pem'), pems.join(''));
    const take = ['certificates', 'import', '--fleet', 'fleet.csv', '--file', 'signed.pem', '--json'];
    const taken = await run(take, { online: false });
    assert.equal(taken.code, 3, taken.stderr);
    const each = taken.objects().filter(({ type }) => type === 'vehicle');
    assert.deepEqual(
      each.map(({ result, why }) => [result, why]),
      [
        ['refused', 'another CA signed its certificate'],
        ['refused', `it is not over the key that was made for ${VINS[1]}`],
        ['taken', undefined],
        ['taken', undefined],
      ],
    );
    assert.equal(await text(`certs/${VINS[0]}/production-private.pem.key`), key);
    assert.ok(!existsSync(file(`requests/${VINS[0]}.key`)), 'no key is on the disk twice');
    assert.match(await text('certs/manifest.csv'), new RegExp(`^${VINS[0]},`, 'm'));

    await good(run(['provision', '--vin', VINS[0], '--provisioner', 'jitp', '--allow-any-vin']));
    const others = await run([
      'provision',
      '--vin',
      '1FAHP2E80DG000033',
      '--provisioner',
      'jitp',
      '--allow-any-vin',
    ]);
    assert.match(others.stderr, /is kept elsewhere, so nothing can be signed here.*\n.*certificates request/);
  });
});

import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { GetRoleCommand } from '@aws-sdk/client-iam';
import { type CliStart, runCli } from '../support/cli.ts';
import { connectTo, person } from '../support/cms.ts';
import { startHttpServer } from '../support/httpServer.ts';
import { startSandbox, testCredentials, type SandboxProcess } from '../support/sandbox.ts';

const VIN = 'LSH14J4C4LA046511';
const OTHER = 'KL4CJHSB2DB198124';
const testCredentialsEnv = {
  AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
};
const OWNER = ['--first-name', 'Test', '--last-name', 'User', '--username', person.username];

describe('The command line', () => {
  let sandbox: SandboxProcess;
  let folder: string;
  before(async () => {
    sandbox = await startSandbox({ args: ['--log-level', 'debug', '--event-delay-ms', '200'] });
  });
  after(() => sandbox.stop());
  beforeEach(async () => {
    await sandbox.reset();
    folder = await mkdtemp(path.join(os.tmpdir(), 'cli-test-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const connection = () => ['--endpoint', sandbox.endpoint, '--ca', sandbox.caFile, '--region', 'us-west-2'];
  function run(args: string[], start: CliStart = {}) {
    const env = { ...testCredentialsEnv, CMS_PASSWORD: person.password, ...start.env };
    return runCli([...args, ...connection()], { cwd: folder, ...start, env });
  }
  const signedIn = ['--username', person.username];
  const onboard = (...more: string[]) => ['onboard', '--vin', VIN, ...OWNER, ...more];

  it('onboards a vehicle and reports it for people', async () => {
    const { code, stdout, stderr } = await run(
      onboard('--stack', 'cms-dev1', '--core', 'cdf-core-development'),
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^${VIN} is onboard cms-dev1`));
    assert.match(stdout, /Shown as +Acme DN 2019 at 33\.77521, -84\.39609/);
    assert.match(stdout, new RegExp(`certs/${VIN}/production-private\\.pem\\.key`));
    assert.match(stderr, /Warning: .*check digit/);
    assert.match(stderr, new RegExp(`^${VIN}: Sign in$`, 'm'));
    assert.ok(!stderr.includes('\u001b'), 'no control characters outside a terminal');
  });

  it('gives machines one JSON object a line, and nothing on standard error', async () => {
    const done = await run(onboard('--json'));
    assert.equal(done.code, 0, done.stdout);
    assert.equal(done.stderr, '');
    const objects = done.objects();
    assert.ok(objects.every(({ type }) => ['progress', 'step', 'result'].includes(type)));
    const result = objects.at(-1)!;
    assert.deepEqual([result.type, result.vin, result.stack], ['result', VIN, 'cms-dev1']);
    assert.ok((await readFile((result.files as string[])[0]!, 'utf8')).length > 0);
  });

  it('shows no key, password or token of any kind, however talkative', async () => {
    let all = '';
    for (const args of [
      onboard('--verbose'),
      ['onboard', '--vin', OTHER, ...OWNER, '--verbose', '--json', '--keys', 'csr-ec'],
    ]) {
      const { code, stdout, stderr } = await run(args);
      assert.equal(code, 0, stderr);
      all += stdout + stderr;
    }
    const bad = await run(onboard('--verbose', '--json'), { env: { CMS_PASSWORD: 'Wrong-pass-99' } });
    assert.equal(bad.code, 1);
    all += bad.stdout + bad.stderr + sandbox.log();
    assert.ok(all.length > 2000);
    assert.ok(sandbox.log().length > 0);
    assert.doesNotMatch(all, /PRIVATE KEY/);
    assert.ok(!all.includes(person.password) && !all.includes('Wrong-pass-99'));
    assert.doesNotMatch(all, /eyJ[\w-]{10,}\./, 'a JSON web token');
    // An ownership token is 256 characters of base64; nothing else shown is that long.
    assert.doesNotMatch(all, /[A-Za-z0-9+/=]{150,}/);
    const key = await readFile(path.join(folder, 'certs', VIN, 'production-private.pem.key'), 'utf8');
    assert.ok(!all.includes(key.split('\n')[2]!));
  });

  describe('refuses bad input with exit code 2, before anything is done', () => {
    const cases: [what: string, args: string[], expected: RegExp, start?: CliStart][] = [
      [
        'a VIN that is too short',
        ['onboard', '--vin', 'LSH14J4C4LA04651', ...OWNER],
        /16 characters.*VIN_INVALID/s,
      ],
      ['a VIN with an O', ['onboard', '--vin', 'LSH14J4C4LA04651O', ...OWNER], /Character 17 .*"O"/],
      ['a VIN with a slash', ['onboard', '--vin', '../../etc/passwd', ...OWNER], /Character 1 .*"\."/],
      [
        'a VIN with a space',
        ['onboard', '--allow-any-vin', '--vin', 'A B', ...OWNER],
        /Character 2 .*a space/,
      ],
      ['a VIN with +', ['onboard', '--allow-any-vin', '--vin', 'A+B', ...OWNER], /Character 2 .*"\+"/],
      ['a VIN with #', ['onboard', '--allow-any-vin', '--vin', 'A#B', ...OWNER], /Character 2 .*"#"/],
      [
        'several problems at once',
        onboard('--body-type', 'Boat', '--model-year', '1066', '--email', 'nobody'),
        /3 problems.*bodyType.*REQUEST_INVALID/s,
      ],
      ['an unknown command', ['constructor'], /unknown command 'constructor'/],
      ['an unknown option', onboard('--colour', 'red'), /unknown option '--colour'/],
      ['an unknown profile', onboard('--profile', 'nobody'), /no AWS profile "nobody".*PROFILE_UNKNOWN/s],
      ['an unreadable CA', onboard('--ca', '/no/such/file'), /CA_FILE_UNREADABLE/],
      ['no password', onboard(), /CMS_PASSWORD.*PASSWORD_MISSING/s, { env: { CMS_PASSWORD: undefined } }],
      ['an unknown sign-in mode', onboard('--sign-in-mode', 'magic'), /self-sign-up/],
      [
        'a boundary that is no policy',
        onboard('--role-boundary', 'mine'),
        /--role-boundary <arn>.*ARN of a policy/,
      ],
      ['an empty certificate folder', onboard('--certs', ''), /--certs <folder>.*must not be empty/],
      ['an empty user name', ['users', '--username', ''], /--username <name>.*must not be empty/],
      [
        'a place that is no number, and a template that is no name, of the doctor',
        ['doctor', '--vin', VIN, ...signedIn, '--latitude', 'north', '--template-name', 'a b'],
        /2 problems.*latitude.*REQUEST_INVALID/s,
      ],
      ['a missing manifest', ['onboard', '--fleet', 'none.csv'], /none\.csv.*MANIFEST_INVALID/s],
    ];
    for (const [what, args, expected, start] of cases) {
      it(what, async () => {
        // The last option wins, so that a case can name its own connection.
        const base = args.includes('--ca')
          ? connection().filter((_, i) => ![2, 3].includes(i))
          : connection();
        const env = { ...testCredentialsEnv, CMS_PASSWORD: person.password, ...start?.env };
        const { code, stdout, stderr } = await runCli([...args, ...base], { cwd: folder, env });
        assert.equal(code, 2, stderr);
        assert.match(stderr, expected);
        assert.equal(stdout, '');
      });
    }

    it('a password on the command line, without repeating it', async () => {
      for (const argument of ['--password=Secret1234', '--Password=Secret1234', '--password']) {
        const { code, stderr } = await run([...onboard(), argument, 'Secret1234']);
        assert.equal(code, 2);
        assert.ok(!stderr.includes('Secret1234'));
        assert.match(stderr, /CMS_PASSWORD/);
      }
    });
  });

  describe('fails with exit code 1 and a remedy', () => {
    it('without credentials', async () => {
      const env = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
      const { code, stderr } = await run(onboard(), { env });
      assert.equal(code, 1);
      assert.match(stderr, /CREDENTIALS_MISSING/);
    });

    it('with credentials that have expired', async () => {
      const action = { kind: 'error', code: 'ExpiredToken', message: 'The token has expired.', status: 403 };
      await sandbox.fault({ operation: 'cloudformation:*', count: 20, action });
      const { code, stderr } = await run(onboard());
      assert.equal(code, 1);
      assert.match(stderr, /aws sso login.*CREDENTIALS_EXPIRED, in step find-stacks/s);
    });

    it('without the stack', async () => {
      const done = await run(onboard('--stack', 'cms-prod', '--json'));
      assert.equal(done.code, 1);
      const error = done.objects().at(-1)!;
      assert.deepEqual([error.type, error.code, error.step], ['error', 'STACK_NOT_FOUND', 'find-stacks']);
      assert.match(String(error.remedy), /cms-dev1/);
    });

    it('with a core that does not belong to the stack', async () => {
      const { code, stderr } = await run(onboard('--stack', 'cms-dev1', '--core', 'cms-dev1'));
      assert.equal(code, 1);
      assert.match(stderr, /is not a CDF core stack.*STACK_PAIRING_WRONG, in step find-stacks/s);
    });

    it('when nothing listens at the endpoint', async () => {
      const env = { ...testCredentialsEnv, CMS_PASSWORD: person.password };
      const args = ['--endpoint', 'http://127.0.0.1:9', '--ca', sandbox.caFile, '--region', 'us-west-2'];
      const { code, stderr } = await runCli([...onboard(), ...args], { cwd: folder, env });
      assert.equal(code, 1);
      assert.match(stderr, /ENDPOINT_UNREACHABLE/);
    });
  });

  it('does not take a web page for a place without stacks', async () => {
    const server = await startHttpServer(() => ({ body: '<html>sign in first</html>' }));
    try {
      const env = testCredentialsEnv;
      const args = ['stacks', '--endpoint', server.url, '--region', 'us-west-2'];
      const { code, stderr } = await runCli(args, { cwd: folder, env });
      assert.equal(code, 1);
      assert.match(stderr, /does not behave like AWS.*ENDPOINT_UNREACHABLE/s);
    } finally {
      await server.close();
    }
  });

  it('says that a profile wants a one-time code when there is nobody to ask', async () => {
    const config = path.join(folder, 'config');
    await writeFile(
      config,
      '[profile base]\naws_access_key_id = a\naws_secret_access_key = b\n[profile mfa]\nregion = us-west-2\n' +
        'source_profile = base\nrole_arn = arn:aws:iam::123456789012:role/r\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n',
    );
    const { code, stderr } = await runCli(['stacks', '--profile', 'mfa', '--endpoint', sandbox.endpoint], {
      env: { AWS_CONFIG_FILE: config },
    });
    assert.equal(code, 1);
    assert.match(stderr, /one-time code of arn:aws:iam::123456789012:mfa\/me.*CREDENTIALS_MISSING/s);
  });

  it('takes the password from standard input', async () => {
    const { code, stderr } = await run([...onboard(), '--password-stdin'], {
      env: { CMS_PASSWORD: undefined },
      input: `${person.password}\n`,
    });
    assert.equal(code, 0, stderr);
  });

  it('cancels on Ctrl-C with exit code 130, says in which state things are, and continues when run again', async () => {
    let asked = false;
    const stopped = await run(onboard(), {
      onOutput(child, text) {
        if (asked || !text.includes('Activate the device')) return;
        asked = true;
        child.kill('SIGINT');
      },
    });
    assert.equal(stopped.code, 130, stopped.stderr);
    assert.match(stopped.stderr, /^Done: .*certificate.*register/m);
    assert.match(stopped.stderr, /^Not done: .*visible$/m);
    assert.match(stopped.stderr, /CANCELLED/);
    const again = await run(onboard('--json'));
    assert.equal(again.code, 0);
    const steps = again.objects().filter(({ type }) => type === 'step');
    assert.equal(steps.find(({ id }) => id === 'certificate')?.outcome, 'found');
  });

  it('onboards a fleet, with exit code 3 when only some vehicles succeed, and continues', async () => {
    const manifest = path.join(folder, 'fleet.csv');
    await writeFile(manifest, `vin,supplier\n${VIN},Acme Electronics\n${OTHER},\n`);
    const args = ['onboard', '--fleet', manifest, ...OWNER];
    const partly = await run([...args, '--json']);
    assert.equal(partly.code, 3, partly.stdout);
    const vehicles = partly.objects().filter(({ type }) => type === 'vehicle');
    assert.deepEqual(
      new Set(vehicles.map(({ vin, status, line }) => `${String(vin)} ${String(status)} ${String(line)}`)),
      new Set([`${VIN} failed 2`, `${OTHER} onboarded 3`]),
    );
    assert.deepEqual(partly.objects().at(-1)?.onboarded, 1);

    await writeFile(manifest, `vin,supplier\n${VIN},\n${OTHER},\n`);
    const { code, stdout } = await run(args);
    assert.equal(code, 0, stdout);
    assert.match(stdout, new RegExp(`${OTHER}  was onboard`));
    assert.match(stdout, /1 created, 1 found of 2 vehicles/);
  });

  it('refuses a fleet manifest in Windows-1252, before a name loses its letters', async () => {
    const manifest = path.join(folder, 'fleet.csv');
    await writeFile(manifest, Buffer.from(`vin,firstName\n${OTHER},Zoë\n`, 'latin1'));
    const { code, stderr } = await run(['onboard', '--fleet', manifest, ...OWNER]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /not text in UTF-8.*MANIFEST_INVALID/s);
  });

  it('reads a fleet manifest in UTF-16', async () => {
    const manifest = path.join(folder, 'fleet.csv');
    await writeFile(manifest, Buffer.from(`vin,firstName\n${OTHER},Zoë\n`, 'utf16le'));
    const { code, stderr } = await run(['onboard', '--fleet', manifest]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /The columns username, lastName are missing/);
  });

  it('refuses a fleet manifest with every problem and its line', async () => {
    const manifest = path.join(folder, 'fleet.json');
    await writeFile(manifest, `{"vehicles": [\n{"vin": "X"},\n{"vin": "${VIN}", "bodyType": "Boat"}]}`);
    const { code, stderr } = await run(['onboard', '--fleet', manifest, ...OWNER]);
    assert.equal(code, 2);
    assert.match(stderr, /line 2: vin: .*\n- line 3: bodyType/);
  });

  it('lists stacks, vehicles, users and suppliers @smoke', async () => {
    const stacks = await run(['stacks', '--json']);
    assert.equal(stacks.code, 0, stacks.stderr);
    assert.deepEqual(
      stacks.objects().map(({ type, name, core }) => [type, name, core]),
      [['stack', 'cms-dev1', 'cdf-core-development']],
    );
    assert.equal((await run(onboard())).code, 0);

    const vehicles = await run(['vehicles', ...signedIn]);
    assert.equal(vehicles.code, 0, vehicles.stderr);
    assert.match(
      vehicles.stdout,
      new RegExp(`^${VIN} +Acme DN 2019 +${person.username} +installed +\\w+ ACTIVE, here`),
    );
    assert.match(vehicles.stderr, /^VIN +VEHICLE/);
    const [vehicle] = (await run(['vehicles', ...signedIn, '--json'])).objects();
    assert.equal((vehicle?.vehicle as { vin: string }).vin, VIN);

    assert.match((await run(['users', ...signedIn])).stdout, new RegExp(`^${person.username} +Test User`));
    assert.match((await run(['suppliers', ...signedIn])).stdout, /^GenericSupplierName +\w+/);
    assert.match((await run(['vehicles', ...signedIn, '--limit', '0'])).stderr, /whole number from 1/);
  });

  it('offboards: says what, asks for a yes, and removes it', async () => {
    assert.equal((await run(onboard())).code, 0);
    const offboard = ['offboard', '--vin', VIN.toLowerCase(), ...signedIn];
    const dry = await run([...offboard, '--dry-run']);
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /^To remove:\n {2}- the owner relation/);

    const unasked = await run(offboard);
    assert.equal(unasked.code, 2);
    assert.match(unasked.stderr, /--yes/);

    const done = await run([...offboard, '--yes', '--json']);
    assert.equal(done.code, 0, done.stdout);
    assert.equal((done.objects().at(-1)?.removed as string[]).length, 6);
    const nothing = await run([...offboard, '--yes']);
    assert.match(nothing.stdout, /nothing to remove for /);
  });

  it('has a doctor that ends with 0 when data arrives and with 1 when it cannot', async () => {
    assert.equal((await run(onboard())).code, 0);
    const doctor = ['doctor', '--vin', VIN, ...signedIn];
    const well = await run(doctor);
    assert.equal(well.code, 0, well.stdout);
    assert.match(well.stdout, /^✓ Received by the fleet manager/m);
    assert.match(well.stdout, /^! Asset library requires authentication: .*open to the internet/m);

    await rm(path.join(folder, 'certs', VIN), { recursive: true });
    const ill = await run([...doctor, '--json']);
    assert.equal(ill.code, 1);
    const failed = ill.objects().filter(({ status }) => status === 'fail');
    assert.deepEqual(
      failed.map(({ id }) => id),
      ['certificate-files'],
    );
  });

  it('provisions without onboarding, then rotates', async () => {
    const made = await run(['provision', '--vin', VIN, '--keys', 'csr-ec', '--claim', 'temporary', '--json']);
    assert.equal(made.code, 0, made.stdout);
    const first = made.objects().at(-1)!;
    assert.equal(first.result, 'created');
    const again = await run(['provision', '--vin', VIN, '--json']);
    assert.equal(again.objects().at(-1)?.result, 'found');
    const rotated = await run(['rotate', '--vin', VIN, '--json']);
    assert.equal(rotated.code, 0, rotated.stdout);
    assert.notEqual(rotated.objects().at(-1)?.certificateId, first.certificateId);
  });

  it('gives the role it makes the permissions boundary it was told', async () => {
    const roleBoundary = 'arn:aws:iam::aws:policy/AWSIoTConfigAccess';
    for (const args of [onboard('--json'), ['provision', '--vin', OTHER, '--json']]) {
      await sandbox.reset();
      const done = await run([...args, '--role-boundary', roleBoundary]);
      assert.equal(done.code, 0, done.stdout);
      const shown = await connectTo(sandbox);
      const iam = await shown.iam();
      const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'IotCMSRole' }));
      assert.equal(Role?.PermissionsBoundary?.PermissionsBoundaryArn, roleBoundary);
      shown.dispose();
      await rm(path.join(folder, 'certs'), { recursive: true });
    }
  });

  it('provisions anew when a file of the pair is gone, but only when told so', async () => {
    assert.equal((await run(['provision', '--vin', VIN])).code, 0);
    await rm(path.join(folder, 'certs', VIN, 'production-private.pem.key'));
    const refused = await run(['provision', '--vin', VIN]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /--replace.*CERTIFICATE_UNUSABLE/s);
    const { code, stderr } = await run(['provision', '--vin', VIN, '--replace']);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /set aside/);
  });

  it('onboards a vehicle once when it is told so twice at the same time', async () => {
    const [one, two] = await Promise.all([run(onboard('--json')), run(onboard('--json'))]);
    assert.deepEqual([one.code, two.code], [0, 0], one.stdout + two.stdout);
    assert.equal(one.objects().at(-1)?.certificateId, two.objects().at(-1)?.certificateId);
  });

  it('keeps the settings of a user pool before it opens it for sign-up', async () => {
    const { code, stderr } = await run(onboard('--sign-in-mode', 'self-sign-up'));
    assert.equal(code, 0, stderr);
    const kept = (await readdir(path.join(folder, 'certs'))).filter((name) =>
      name.startsWith('user-pool-before'),
    );
    assert.equal(kept.length, 1);
    const text = await readFile(path.join(folder, 'certs', kept[0]!), 'utf8');
    assert.match(text, /"AllowAdminCreateUserOnly": true/);
  });

  it('has help with examples for every command', async () => {
    const { code, stdout } = await runCli(['--help']);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /Exit codes:\n {2}0 done\n {2}1 .*\n {2}2 .*\n {2}3 .*\n {2}4 .*\n {2}5 .*\n {2}6 .*\n {2}130 canceled/,
    );
    for (const command of [
      'onboard',
      'vehicles',
      'doctor',
      'provision',
      'rotate',
      'offboard',
      'stacks',
      'demo',
    ]) {
      const help = await runCli([command, '--help']);
      assert.equal(help.code, 0);
      assert.match(help.stdout, /Examples:\n +\$ .*cms-enablement/);
    }
    assert.equal((await runCli(['no-such-command'])).code, 2);
    assert.equal((await runCli([])).code, 2);
  });
});

describe('The command "sandbox"', () => {
  it('prints one ready line, passes signals on, and ends with the sandbox’s exit code', async () => {
    const done = await runCli(['sandbox', '--http-port', '0', '--mqtt-port', '0'], {
      onOutput(child, text) {
        if (text.includes('"ready":true')) child.kill('SIGTERM');
      },
    });
    assert.equal(done.code, 0, done.stderr);
    const lines = done.stdout.trimEnd().split('\n');
    assert.equal(lines.length, 1);
    assert.equal((JSON.parse(lines[0]!) as { ready: boolean }).ready, true);
  });

  it('passes options, their errors and the help through', async () => {
    const bad = await runCli(['sandbox', '--http-port', 'x']);
    assert.equal(bad.code, 2);
    assert.match(bad.stderr, /--http-port/);
    assert.match((await runCli(['sandbox', '--help'])).stdout, /--mqtt-port/);
  });
});

describe('The command "demo"', () => {
  it('onboards two vehicles, reads them back, and leaves nothing behind', async () => {
    const temporary = await mkdtemp(path.join(os.tmpdir(), 'demo-test-'));
    try {
      const done = await runCli(['demo', '--json'], { env: { TMPDIR: temporary, AWS_PROFILE: 'nobody' } });
      assert.equal(done.code, 0, done.stdout + done.stderr);
      const vehicles = done.objects().filter(({ type }) => type === 'vehicle');
      const results = vehicles.map(
        ({ result }) => result as { vin: string; stack: string; username: string },
      );
      assert.equal(results[0]?.vin, VIN);
      assert.deepEqual(
        results.map(({ stack, username }) => [stack, username]),
        [
          ['cms-dev1', 'testCMSUser1'],
          ['cms-dev1', 'testCMSUser1'],
        ],
      );
      assert.ok(vehicles.every(({ received }) => Number(received) >= 1));
      assert.equal(done.objects().at(-1)?.ok, true);
      assert.deepEqual(
        (await readdir(temporary)).filter((name) => name.startsWith('cms-')),
        [],
      );
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });

  for (const way of ['jitp', 'jitr']) {
    it(`does the same with a CA of its own: ${way}`, async () => {
      const done = await runCli(['demo', '--provisioner', way, '--json']);
      assert.equal(done.code, 0, done.stdout + done.stderr);
      const vehicles = done.objects().filter(({ type }) => type === 'vehicle');
      assert.equal(vehicles.length, 2);
      assert.ok(vehicles.every(({ received }) => Number(received) >= 1));
      assert.equal(done.objects().at(-1)?.ok, true);
    });
  }

  it('cleans up when cancelled, too', async () => {
    const temporary = await mkdtemp(path.join(os.tmpdir(), 'demo-test-'));
    try {
      let asked = false;
      const done = await runCli(['demo'], {
        env: { TMPDIR: temporary },
        onOutput(child, text) {
          if (asked || !text.includes('Sign in')) return;
          asked = true;
          child.kill('SIGINT');
        },
      });
      assert.equal(done.code, 130, done.stderr);
      assert.deepEqual(
        (await readdir(temporary)).filter((name) => name.startsWith('cms-')),
        [],
      );
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  });
});

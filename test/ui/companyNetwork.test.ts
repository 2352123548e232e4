import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Company } from '../support/network/editorInCompany.ts';
import { IOT_HOST, REGION } from '../support/network/names.ts';
import { noNamespace, openNamespace, type Namespace } from '../support/network/namespace.ts';

const why = noNamespace();
const root = path.resolve(__dirname, '../..');
const PROFILE = 'office';

/** A whole editor with nothing but loopback around it: what VS Code does to the network of extensions counts, too. */
describe(`a company's network, in an editor${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let net: Namespace;
  let home: string;
  before(async function () {
    if (why !== undefined) return this.skip();
    net = await openNamespace();
    home = mkdtempSync(path.join(os.tmpdir(), 'cms-company-'));
    writeFileSync(
      path.join(home, 'config'),
      `[profile ${PROFILE}]\nregion = ${REGION}\naws_access_key_id = AKIASANDBOX000000000\naws_secret_access_key = sandbox\n`,
    );
  });
  after(async () => {
    if (why !== undefined) return;
    await net.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('vehicles are onboarded through its proxy, as the environment and as the settings name it', async () => {
    const { url, user, password, other, log } = net.squid;
    const company: Company = { proxy: { url, ...other }, profile: PROFILE };
    const [program = '', ...args] = [
      ...net.within('proxyOnly'),
      ...['env', '--chdir', root],
      ...[process.execPath, '--import', 'tsx', 'test/support/editor/runHostTests.ts'],
    ];
    const child = spawn(program, args, {
      env: {
        ...process.env,
        // The results of these tests are part of this one.
        MOCHA_RESULTS: undefined,
        MOCHA_GREP: undefined,
        CMS_HOST_FILE: path.join(root, 'test/support/network/editorInCompany.ts'),
        CMS_COMPANY: JSON.stringify(company),
        HTTPS_PROXY: url.replace('//', `//${user}:${encodeURIComponent(password)}@`),
        AWS_CONFIG_FILE: path.join(home, 'config'),
        AWS_SHARED_CREDENTIALS_FILE: path.join(home, 'credentials'),
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_CA_BUNDLE: net.amazonRoot,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    await once(child, 'close');
    assert.equal(child.exitCode, 0, said);
    assert.match(said, /2 passing/);
    const asked = [...readFileSync(log, 'utf8').matchAll(/200 \d+ CONNECT (\S+) (\S+)/g)];
    for (const { user: who } of [net.squid, other]) {
      const hosts = new Set(asked.flatMap(([, host, by]) => (by === who ? [host] : [])));
      for (const host of [`cloudformation.${REGION}.amazonaws.com:443`, `${IOT_HOST}:8883`])
        assert.ok(hosts.has(host), `${who}: ${[...hosts].join(', ')}`);
    }
  });
});

// Runs inside the extension host.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Connection } from '../../src/aws/connection.ts';
import type { CloudCa } from '../../src/aws/iot/caCertificates.ts';
import { CaNode } from '../../src/editor/certificates/caNodes.ts';
import { cancelled } from '../../src/core/errors.ts';
import { endsSoonWords } from '../../src/editor/base/expiry.ts';
import {
  certificatePage,
  pageFile,
  showCertificate,
} from '../../src/editor/certificates/certificateDocument.ts';
import { certificateRow, noCertificate } from '../../src/editor/vehicles/certificateState.ts';
import type { Node } from '../../src/editor/base/node.ts';
import type { ProvisioningFacts } from '../../src/provisioning/certificates.ts';
import { certificateFacts } from '../../src/provisioning/certificateFacts.ts';
import { VIN } from '../support/editor/fleetSnapshot.ts';
import { useWorld } from '../support/editor/hostWorld.ts';
import { reportOf } from '../support/editor/reports.ts';
import { REF } from '../support/editor/simulatedWindow.ts';
import { createTestCa } from '../support/testCertificates.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 10);
const DEPLOYMENT = { generation: 'cdf', name: 'cms-dev1', stack: { id: 'cms-dev1' } };
const OF = { vin: 'A', stack: 'cms-dev1', connection: 'dev · us-west-2' };
const FACTS = {
  ...{ subject: 'CN=LSH14J4C4LA046511', issuer: 'O=A|B, CN=[x](y)', serial: '0A:1B', key: 'RSA 2048' },
  ...{ notBefore: new Date(NOW - DAY), notAfter: new Date(NOW + 400 * DAY), fingerprint: 'ab12' },
};

describe('A certificate as a page', () => {
  it('has what it says of itself and what AWS IoT says of it', () => {
    const page = certificatePage(OF, FACTS, { status: 'ACTIVE', things: ['A'], policies: [] }, NOW);
    for (const line of [
      '| Stack | cms-dev1 (dev · us-west-2) |',
      '| Subject | CN=LSH14J4C4LA046511 |',
      '| Serial number | 0A:1B |',
      '| Key | RSA 2048 |',
      '| Status | ACTIVE |',
      '| Things | A |',
      '| Policies | none |',
    ])
      assert.ok(page.includes(line), `${line}\n${page}`);
    assert.match(page, /^# Certificate of A\n[^]*\| As of \| January 10, 2026 at 12:00\sAM UTC \|/);
    assert.match(page, /Valid until \| February 14, 2027/);
    assert.doesNotMatch(page, /expires soon|[^\\]\]\(y\)/);
  });

  it('says first that it ends soon, that AWS IoT has none, and why it could not be asked', () => {
    const soon = { ...FACTS, notAfter: new Date(NOW + 3 * DAY) };
    assert.match(
      certificatePage(OF, soon, 'Nobody answers.', NOW),
      /^# Certificate of A\n\n> ⚠ \*\*expires soon\*\*[^]*\nNobody answers\.\n$/,
    );
    const unknown = { status: undefined, things: [], policies: [] };
    assert.match(certificatePage(OF, FACTS, unknown, NOW), /AWS IoT has no such certificate/);
  });
});

describe('The file of a certificate page', () => {
  it('is another for each connection, stack and vehicle', () => {
    const vehicle = { ref: { connectionId: 'a', stack: 's' }, vin: 'A', id: 'a' };
    const files = [
      vehicle,
      { ...vehicle, id: 'b' },
      { ...vehicle, ref: { connectionId: 'b', stack: 's' } },
      { ...vehicle, ref: { connectionId: 'a', stack: 't' } },
    ].map((each) => pageFile(each));
    assert.equal(new Set(files).size, 4);
    assert.equal(pageFile(vehicle), files[0]);
    for (const file of files) assert.match(file, /^Certificate of A \([0-9a-f]{8}\)\.md$/);
  });

  it('is not written, and nothing is said, where the person cancels or leaves the one-time code', async () => {
    const ca = await createTestCa('Fleet CA');
    const folder = await mkdtemp(path.join(os.tmpdir(), 'cms-page-'));
    const file = path.join(folder, 'a.pem.crt');
    await writeFile(file, ca.root);
    const show = (open: () => Promise<Connection>, signal: AbortSignal) =>
      showCertificate(
        {
          access: {
            backend: () => ({ certificateFacts, createCloudIdentities: () => assert.fail('not opened') }),
            connections: { open, labelOf: () => 'dev' },
          } as unknown as Parameters<typeof showCertificate>[0]['access'],
          storage: vscode.Uri.file(path.join(folder, 'storage')),
        },
        { ref: REF, vin: 'A', id: 'A' },
        vscode.Uri.file(file),
        signal,
      );
    try {
      const abort = new AbortController();
      const opening = show(() => new Promise(() => abort.abort()), abort.signal);
      await assert.rejects(opening, { code: 'CANCELLED' });
      const left = show(() => Promise.reject(cancelled()), new AbortController().signal);
      await assert.rejects(left, { code: 'CANCELLED' });
      assert.deepEqual(await readdir(folder), ['a.pem.crt']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('A certificate that ends', () => {
  it('within 30 days, or has ended, says so', () => {
    const in_ = (days: number) => endsSoonWords(new Date(NOW + days * DAY), NOW);
    assert.deepEqual([in_(40), in_(29), in_(-1)], [undefined, 'expires soon', 'expired']);
  });

  it('has a row with a warning below its vehicle', () => {
    const rowOf = (days: number, status: string) =>
      certificateRow(
        { id: 'v' } as unknown as Node,
        {
          ...{ ...noCertificate, inWorkspace: true, certificateId: 'ab12', status },
          notAfter: new Date(Date.now() + days * DAY),
        },
        { vehicle: { ref: REF, vin: 'A' }, deployment: DEPLOYMENT },
      ).item();
    const soon = rowOf(3, 'ACTIVE');
    assert.match(String(soon.description), /^active · expires [\d-]+ · expires soon · ab12$/);
    assert.equal((soon.iconPath as vscode.ThemeIcon).id, 'warning');
    const ended = rowOf(-3, 'INACTIVE');
    assert.match(String(ended.description), /^inactive · expired [\d-]+ · ab12$/);
    assert.equal((ended.iconPath as vscode.ThemeIcon).id, 'circle-slash');
  });

  it('has an ARN in its row only if its files are of the deployment', () => {
    const facts = {
      ...{ generation: 'cdf', stackName: 'cms-dev1', accountId: '123456789012', region: 'us-west-2' },
      certificateArn: 'arn:aws:iot:us-west-2:123456789012:cert/ab12',
    } as ProvisioningFacts;
    const stack = { id: 'arn:aws:cloudformation:us-west-2:123456789012:stack/cms-dev1/0a' };
    const arnOf = (name: string) =>
      certificateRow(
        { id: 'v' } as unknown as Node,
        { ...noCertificate, inWorkspace: true, facts },
        { vehicle: { ref: REF, vin: 'A' }, deployment: { ...DEPLOYMENT, stack, name } },
      ).arn;
    assert.equal(arnOf('cms-dev1'), facts.certificateArn);
    assert.equal(arnOf('cms-test'), undefined);
  });

  it('of a CA shows that it is switched off, too', () => {
    const ca = { id: 'ca'.repeat(32), arn: 'a', mode: 'DEFAULT', notAfter: new Date(Date.now() - DAY) };
    const iconOf = (status: string) => {
      const more = { status, autoRegistration: false };
      const row = new CaNode({} as never, { id: 'p' } as unknown as Node, REF, { ...ca, ...more } as CloudCa);
      return (row.item().iconPath as vscode.ThemeIcon).id;
    };
    assert.deepEqual([iconOf('ACTIVE'), iconOf('INACTIVE')], ['warning', 'circle-slash']);
  });
});

describe('Show Certificate', function () {
  const world = useWorld(this, 'fleet');

  it('shows the certificate of a vehicle with the policy that it has in AWS IoT, and no key', async () => {
    await world.run('showCertificate', await world.row(`Vehicle ${VIN}`));
    const page = await reportOf(`Certificate of ${VIN}`);
    assert.match(page, /\| Subject \| \S.* \|/);
    assert.match(page, /\| Status \| ACTIVE \|/);
    assert.match(page, new RegExp(`\\| Things \\| .*${VIN}`));
    assert.doesNotMatch(page, /\| Policies \| none|PRIVATE KEY/);
  });
});

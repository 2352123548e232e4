// Runs inside the extension host.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { bucketArn, consolePage } from '../../src/aws/consolePage.ts';
import { FactNode } from '../../src/editor/base/factNode.ts';
import type { Node } from '../../src/editor/base/node.ts';
import { Tasks } from '../../src/editor/base/tasks.ts';
import type { Connections } from '../../src/editor/connections/connections.ts';
import type { ConnectionState } from '../../src/editor/connections/connectionStates.ts';
import { fleetNotes } from '../../src/editor/onboarding/onboardFleet.ts';
import type { ScaleRun } from '../../src/editor/simulations/scaleRun.ts';
import { ScaleRunRow } from '../../src/editor/simulations/scaleRunRow.ts';
import { hasConsolePage, registerAwsConsole } from '../../src/editor/tree/awsConsole.ts';
import { CONCURRENCY, leastSeconds, STARTS_PER_SECOND } from '../../src/onboarding/pace.ts';
import { commandsOf } from '../support/editor/commandsOf.ts';
import { Person } from '../support/editor/person.ts';
import { silentLog } from '../support/editor/silentLog.ts';

const THING = 'arn:aws:iot:us-west-2:123456789012:thing/A';
const backend = () => ({ bucketArn, consolePage });
const ACCOUNT = { kind: 'works', accountId: '1', endpoint: undefined, credentials: undefined } as const;

describe('Open in AWS Console', () => {
  const person = new Person();
  const { openExternal } = vscode.env;
  const opened: string[] = [];
  beforeEach(() => {
    person.arrive();
    opened.length = 0;
    Object.assign(vscode.env, {
      openExternal: (uri: vscode.Uri) => Promise.resolve(opened.push(uri.toString(true)) > 0),
    });
  });
  afterEach(() => {
    person.leave();
    Object.assign(vscode.env, { openExternal });
  });

  const rowIn = (connectionId: string, arn: string) =>
    new FactNode({ id: 'v', connectionId } as unknown as Node, {
      key: 'f',
      label: 'F',
      words: 'w',
      icon: 'key',
      arn,
    });
  const run = (endpoint?: string) => {
    const connections = { open: () => Promise.resolve({ endpoint, region: 'us-west-2' }) };
    const tasks = new Tasks(silentLog, vscode.Uri.file('/'));
    return commandsOf(() => registerAwsConsole(tasks, connections as unknown as Connections, backend));
  };

  it('is offered for what has a page in AWS, and never in a sandbox or elsewhere', () => {
    const offered = (id: string, arn: string, state: ConnectionState = ACCOUNT) =>
      hasConsolePage(rowIn(id, arn), { of: () => state }, backend);
    assert.equal(offered('dev@us-west-2', THING), true);
    assert.equal(offered('dev@us-west-2', THING, { kind: 'unknown' }), true);
    assert.equal(offered('sandbox', THING), false);
    assert.equal(offered('dev@us-west-2', THING, { ...ACCOUNT, endpoint: 'http://127.0.0.1:8089' }), false);
    assert.equal(offered('dev@us-west-2', 'cms-dev1'), false);
  });

  it('opens the page of a row, and the bucket of a run of several workers', async () => {
    await run()('openInConsole', rowIn('dev', THING));
    const kept = { ref: { connectionId: 'dev', stack: 'cms' }, store: 's3://runs-of-cms/a', shards: 1 };
    await run()('openInConsole', new ScaleRunRow({ kept } as unknown as ScaleRun));
    assert.deepEqual(opened, [
      'https://us-west-2.console.aws.amazon.com/iot/home?region=us-west-2#/thing/A',
      'https://us-west-2.console.aws.amazon.com/s3/buckets/runs-of-cms?region=us-west-2',
    ]);
  });

  it('opens nothing where something else than AWS answers', async () => {
    await run('http://127.0.0.1:8089')('openInConsole', rowIn('dev', THING));
    await person.told('The AWS console has no page for this.');
    assert.deepEqual(opened, []);
  });
});

describe('What is said before a large fleet is onboarded', () => {
  const notes = (count: number, needsClaims = true) =>
    fleetNotes(count, { needsClaims }, { CONCURRENCY, leastSeconds, STARTS_PER_SECOND }).join('\n');

  it('is what AWS IoT allows and how long that takes at least, from 30 vehicles on', () => {
    assert.equal(notes(29), '');
    assert.match(notes(30), /needs two certificates.*At most 4 vehicles are .* at least 8 s, .*pricing/s);
    assert.match(notes(10_000), /at least 42 min/);
  });

  it('names no limit of AWS IoT where a vehicle needs no claim', () => {
    assert.doesNotMatch(notes(30, false), /AWS IoT allows/);
    assert.match(notes(30, false), /^\nAt most 4 vehicles .*pricing$/s);
  });
});

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { consolePage } from '../../../src/aws/consolePage.ts';
import type { CmsUser } from '../../../src/cms/cdf/api.ts';
import { createNamedLists } from '../../../src/cms/cdf/namedLists.ts';
import { createProvisioner } from '../../../src/cms/cdf/provisioner.ts';
import { IAM } from '../../../src/cms/contract/credentials.ts';
import { GENERATIONS } from '../../../src/cms/generations.ts';
import type { FoundDeployment } from '../../../src/cms/contract/generation.ts';
import { everyPage, type Page, type PageRequest } from '../../../src/cms/contract/pages.ts';
import type { StackInfo } from '../../../src/cms/contract/stacks.ts';
import type { VehicleRecord } from '../../../src/cms/contract/vehicles.ts';
import { l10n } from '../../../src/core/message.ts';
import { RowChanges } from '../../../src/editor/base/rowChanges.ts';
import { SANDBOX_ID } from '../../../src/editor/sandbox/sandboxController.ts';
import type { StackSources } from '../../../src/editor/tree/stackNode.ts';
import { StacksTree } from '../../../src/editor/tree/stacksTree.ts';
import type { TreeRow } from '../../../src/editor/base/treeRow.ts';
import type { ReadDeployment, ReadSessions } from '../../../src/editor/vehicles/vehicleSources.ts';
import type { Arrangement } from '../../../src/editor/vehicles/arrangement.ts';
import type { VehiclesNode } from '../../../src/editor/vehicles/vehiclesNode.ts';
import { MemoryMemento } from './memory.ts';
import { silentLog } from './silentLog.ts';

export const FLEET = 10_000;
const PAIR = { kind: 'ok', pair: { certificateId: 'c', notAfter: new Date(Date.now() + 4000 * 86_400_000) } };

export function vehicle(i: number): VehicleRecord {
  const vin = `VIN${String(i).padStart(14, '0')}`;
  return {
    vin,
    id: vin,
    thingName: vin,
    make: 'Acme',
    model: 'DN',
    modelYear: 2019,
    attributes: {},
    owners: [`owner${i % 7}`],
  };
}

/** A running sandbox with one stack of many vehicles, and what was asked of it. */
export function world(accounts: readonly string[] = []) {
  const asked: (string | undefined)[] = [];
  /** The connections whose stacks were read. */
  const read: string[] = [];
  const state = new MemoryMemento();
  const problems: { find?: Error } = {};
  let wait: Promise<void> = Promise.resolve();
  let pageWait: Promise<void> = Promise.resolve();
  const nobody = () => Promise.resolve({ items: [], next: undefined });
  const people = {
    users: (_page: PageRequest): Promise<Page<CmsUser>> => nobody(),
    suppliers: () => nobody(),
  };
  const deployment: ReadDeployment = {
    ...{ generation: 'cdf', name: 'cms-dev1', stack: { id: 'cms-dev1' } as StackInfo },
    vehicles: {
      needs: IAM,
      list: async (page: PageRequest) => {
        asked.push(page.next);
        if (page.next !== undefined) await pageWait;
        const from = Number(page.next ?? 0);
        const items = Array.from({ length: page.size }, (_, i) => vehicle(from + i));
        return { items, next: from + page.size < FLEET ? String(from + page.size) : undefined };
      },
      find: () => Promise.resolve(undefined),
      refOf: (vin) => ({ vin, id: vin, thingName: vin }),
      detailHeadings: [],
      details: () => Promise.resolve([]),
      live: () => Promise.resolve(undefined),
    },
    facts: [],
    lists: createNamedLists({ users: (page) => people.users(page), suppliers: nobody }, IAM),
    certificates: createProvisioner('cms-dev1'),
    capabilities: () =>
      Promise.resolve(
        (['vehicles', 'onboard'] as const).map((id) => ({
          ...{ id, title: l10n.verbatim(id), needs: IAM, no: undefined },
        })),
      ),
  };
  const found = (name: string, kind: FoundDeployment['state']['kind']): FoundDeployment => ({
    generation: 'cdf',
    name,
    stack: {
      name,
      id: name,
      description: 'CMS',
      status: 'CREATE_COMPLETE',
      outputs: {},
      parameters: {},
      createdAt: undefined,
    },
    parts: {},
    state: kind === 'ready' ? { kind } : { kind, reason: l10n.verbatim('because') },
  });
  const stacks = [found('cms-dev1', 'ready')];
  const sessions: ReadSessions = {
    open: () => Promise.resolve(deployment),
    has: () => Promise.resolve(true),
  };
  const connections = {
    list: () => accounts.map((id) => ({ id, region: 'us-west-2' })),
    open: () => Promise.reject(new Error('No row has a certificate to ask for.')),
  };
  const unasked = (): never => {
    throw new Error('No row has a certificate to ask for.');
  };
  const backend = () => ({
    everyPage,
    GENERATIONS,
    createCloudIdentities: unasked,
    ...{ findCas: unasked, lookAtFunction: unasked },
  });
  /** The vehicles that have a certificate in the workspace. */
  const certified = new Set<string>();
  const certificates = {
    peek: () => ({
      production: (vin: string) => Promise.resolve(certified.has(vin) ? PAIR : ({ kind: 'none' } as const)),
      ids: () => Promise.resolve([...certified]),
      facts: (id: string) => Promise.resolve({ tags: [`tag of ${id}`] }),
    }),
  } as unknown as StackSources['vehicles']['certificates'] & StackSources['provisioning']['certificates'];
  /** The vehicles that are simulated. */
  const driven = new Set<string>();
  const driving = {
    driveOf: ({ vin }: { vin: string }) => (driven.has(vin) ? ('driving' as const) : undefined),
    lastSentAt: () => undefined,
  };
  const arrangements = new Map<string, Arrangement>();
  const rows = new RowChanges();
  const log = silentLog;
  const connectionStates = {
    of: () => ({ kind: 'unknown' }) as const,
    look: () => Promise.resolve(),
    onDidChange: new vscode.EventEmitter<string>().event,
  };
  const tree = new StacksTree(
    {
      ...{ connections, connectionStates, rows, log },
      backend: () => ({ consolePage, GENERATIONS }),
      sandbox: { known: true, status: 'running', ready: undefined },
      findStacks: async (connectionId) => {
        read.push(connectionId);
        await wait;
        if (problems.find !== undefined) throw problems.find;
        return stacks;
      },
      vehicles: {
        ...{ sessions, connections, backend, certificates, driving, rows, log, arrangements },
        lastSeen: new Map(),
      },
      provisioning: { backend, connections, certificates },
    },
    state,
  );
  return {
    tree,
    rows,
    asked,
    read,
    people,
    deployment,
    certified,
    driven,
    arrangements,
    state,
    problems,
    stacks,
    found,
    hold: (until: Promise<void>) => {
      wait = until;
    },
    /** Lets the pages after the first wait, until the function returned is called. */
    holdPage: () => {
      let release = (): void => undefined;
      pageWait = new Promise((resolve) => (release = resolve));
      return release;
    },
  };
}

export async function labels(tree: StacksTree, row?: TreeRow): Promise<string[]> {
  const rows = await tree.getChildren(row);
  return rows.map((each) => {
    const { label } = tree.getTreeItem(each);
    return typeof label === 'string' ? label : '';
  });
}

export async function vehiclesOf(tree: StacksTree): Promise<VehiclesNode> {
  const list = await tree.vehiclesOf(
    { connectionId: SANDBOX_ID, stack: 'cms-dev1' },
    new AbortController().signal,
  );
  assert.ok(list);
  return list;
}

import { findCa, certificatesOfCa } from '../../../aws/iot/caCertificates.ts';
import type { Connection } from '../../../aws/connection.ts';
import { isAwsError } from '../../../aws/errors.ts';
import { deleteStack, ensureStack, findStack, type FoundStack } from '../../../aws/stacks.ts';
import type { OwnCaSetup } from '../../../cms/contract/provisioner.ts';
import { CmsError } from '../../../core/errors.ts';
import { expectField } from '../../../core/expectField.ts';
import { l10n, type Message } from '../../../core/message.ts';
import type { Work } from '../../../core/work.ts';
import type { AllowList } from '../judge.ts';
import { listIn, syncList, type ListChange } from './tableOfList.ts';
import { functionTemplate, LONGEST_TEMPLATE, type FunctionParameters } from './template.ts';

/** How vehicles of a CA are to be let in while nobody watches. */
export interface FunctionWish {
  caId: string;
  list: AllowList;
  setup: OwnCaSetup;
  /** Whether a certificate that the list does not let in is revoked; otherwise it is left pending. */
  revoke: boolean;
  /** JavaScript of the function: the bundle `registrations.js`. */
  code: string;
  /** ARN of the policy that bounds the function's role. */
  roleBoundary?: string | undefined;
}

/** A function that decides about the vehicles of a CA, as it stands. */
export interface RegistrationFunction {
  stack: FoundStack;
  /** Undefined where the stack has none, or not yet. */
  table: string | undefined;
  /** Of another CMS, if its vehicles get another policy. */
  parameters: FunctionParameters;
}

/** The name of the stack follows from the CA, so that a second run finds the first one's. */
export function functionStackName(caId: string): string {
  return `cms-enablement-registrations-${caId.slice(0, 12)}`;
}

/** What a setup makes, for whoever is asked before. */
export function whatFunctionMakes(caId: string): Message[] {
  return [
    l10n.t('the stack {name}', { name: functionStackName(caId) }),
    l10n.t('in it a function and a role that may do what the function calls'),
    l10n.t('a topic rule on $aws/events/certificates/registered/{caId}', { caId }),
    l10n.t('a table with the list, and a log group'),
  ];
}

/** Undefined if there is none for this CA. */
export async function findFunction(
  caId: string,
  connection: Connection,
  signal: AbortSignal,
): Promise<RegistrationFunction | undefined> {
  const stack = await findStack(connection, functionStackName(caId), signal);
  if (stack === undefined || stack.status === 'DELETE_COMPLETE') return undefined;
  return read(stack);
}

/** How many vehicles the list of a function allows. */
export async function allowedBy(
  { table }: RegistrationFunction,
  connection: Connection,
  signal: AbortSignal,
): Promise<number> {
  return (await listOf(table, connection, signal)).size;
}

/** What a setup is about to replace. */
export interface Replaced {
  found: RegistrationFunction;
  /** How many vehicles its list allows. */
  listed: number;
  /** How many of them are not in the new list. */
  removed: number;
}

/** Changes nothing; undefined if there is no function for this CA. */
export async function whatIsReplaced(
  { caId, list }: Pick<FunctionWish, 'caId' | 'list'>,
  connection: Connection,
  signal: AbortSignal,
): Promise<Replaced | undefined> {
  const found = await findFunction(caId, connection, signal);
  if (found === undefined) return undefined;
  const before = await listOf(found.table, connection, signal);
  const removed = [...before.keys()].filter((thingName) => !list.has(thingName)).length;
  return { found, listed: before.size, removed };
}

/** The list in a table; empty where a stack that failed took the table along. */
async function listOf(
  table: string | undefined,
  connection: Connection,
  signal: AbortSignal,
): Promise<AllowList> {
  if (table === undefined) return new Map();
  try {
    return await listIn(connection, table, signal);
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return new Map();
    throw error;
  }
}

/**
 * Deploys the function that lets vehicles in as `watchRegistrations` does, and gives it the list; each is looked at first.
 * With `revoke` the list is there before anything is revoked.
 * @throws CmsError REQUEST_INVALID, CERTIFICATE_MISSING, CA_CONFLICT, AWS_CALL_FAILED
 */
export async function ensureFunction(
  { caId, list, setup, revoke, code, roleBoundary = '' }: FunctionWish,
  connection: Connection,
  work: Work,
): Promise<{
  result: 'found' | 'repaired' | 'created';
  stack: FoundStack;
  list: ListChange;
  waiting: number;
}> {
  if (revoke && list.size === 0) {
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('The list is empty, so every certificate would be revoked.'),
      { remedy: l10n.t('Check the list, or leave the certificates of others pending.') },
    );
  }
  await checkCa(caId, connection, work);
  const template = functionTemplate(code);
  if (Buffer.byteLength(template) > LONGEST_TEMPLATE) {
    throw new CmsError('INTERNAL', l10n.t('The template of the function is too long for CloudFormation.'));
  }
  const name = functionStackName(caId);
  const parameters = (others: FunctionParameters['Others']): FunctionParameters => ({
    ...{ CaCertificateId: caId, DevicePolicy: setup.devicePolicy, ThingType: setup.thingType },
    ...{ Others: others, RoleBoundary: roleBoundary },
  });
  const deploy = (others: FunctionParameters['Others']) =>
    ensureStack(connection, { name, template, parameters: { ...parameters(others) } }, work);
  const before = await findStack(connection, name, work.signal);
  const isRevoking = revoke && isRevokingNow(before);
  const first = await deploy(isRevoking ? 'revoke' : 'leave');
  const table = expectField(first.stack.outputs, 'TableName', 'DescribeStacks');
  const change = await syncList(connection, table, list, work);
  const last = revoke && !isRevoking ? await deploy('revoke') : first;
  let waiting = 0;
  for await (const { status } of certificatesOfCa(connection, caId, work.signal)) {
    if (status === 'PENDING_ACTIVATION') waiting += 1;
  }
  const result = first.result === 'found' ? last.result : first.result;
  return { result, stack: last.stack, list: change, waiting };
}

/** States in which a stack has all it is to have, so that the next deployment makes no other table. */
const WHOLE = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'];

/** Whether a stack has all it is to have. */
export function isWhole({ status }: Pick<FoundStack, 'status'>): boolean {
  return WHOLE.includes(status);
}

/** Whether a function revokes already, by a table that stays; in any other state its table may be gone or be made anew. */
function isRevokingNow(stack: FoundStack | undefined): boolean {
  return stack !== undefined && isWhole(stack) && stack.parameters.Others === 'revoke';
}

/** False if there is none. Vehicles that came in by it keep working. */
export function removeFunction(caId: string, connection: Connection, work: Work): Promise<boolean> {
  return deleteStack(connection, functionStackName(caId), work);
}

/** A rule hears of vehicles only if their CA lets them register themselves, and leaves the rest to others. */
async function checkCa(caId: string, connection: Connection, { signal }: Work): Promise<void> {
  const found = await findCa(connection, caId, signal);
  if (found === undefined) {
    throw new CmsError(
      'CERTIFICATE_MISSING',
      l10n.t('The CA {id} is not registered in {region}.', { id: caId, region: connection.region }),
      { step: 'ca', remedy: l10n.t('Register it first: {command}', { command: REGISTER }) },
    );
  }
  const problems: Message[] = [];
  if (found.status !== 'ACTIVE') problems.push(l10n.t('it is switched off'));
  if (!found.autoRegistration) problems.push(l10n.t('its vehicles may not register themselves'));
  if (found.templateName !== undefined || found.templateBody !== undefined) {
    problems.push(l10n.t('a template lets its vehicles in already'));
  }
  if (problems.length === 0) return;
  throw new CmsError(
    'CA_CONFLICT',
    l10n.t('The CA {id} is registered, but {problems}.', {
      id: caId,
      problems: l10n.list(problems, 'and'),
    }),
    {
      step: 'ca',
      remedy: l10n.t('Register a CA for jitr, or change this one: {command}', { command: REGISTER }),
    },
  );
}

const REGISTER = 'cms-enablement ca register --provisioner jitr --yes';

function read(stack: FoundStack): RegistrationFunction {
  const { CaCertificateId = '', DevicePolicy = '', ThingType = '', RoleBoundary = '' } = stack.parameters;
  const Others = stack.parameters.Others === 'revoke' ? 'revoke' : 'leave';
  return {
    stack,
    table: isWhole(stack)
      ? expectField(stack.outputs, 'TableName', 'DescribeStacks')
      : stack.outputs.TableName,
    parameters: { CaCertificateId, DevicePolicy, ThingType, Others, RoleBoundary },
  };
}

import type { Connection } from '../aws/connection.ts';
import { CmsError } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import type { Credentials } from './contract/credentials.ts';
import type { Deployment } from './contract/deployment.ts';
import type { FoundDeployment, Generation } from './contract/generation.ts';
import { sayingNeeds } from './contract/sayingNeeds.ts';
import { type ListedStack, listStacks, namesOf, readStack, type StackInfo } from './contract/stacks.ts';
import { asSupported, classify } from './discover.ts';
import { GENERATIONS, labelOf } from './generations.ts';

/** Which deployment to open: all that is said has to fit. With nothing said, the only ready one of the region. */
export interface DeploymentChoice {
  /** Name of the stack it is known by. */
  stack?: string;
  /** The name that tells it from others of its generation; or, too, its stack. */
  deployment?: string;
  /**
   * Names of stacks that belong to it, by what they are to it (`ChooseParts.part`), when the stacks do not say so
   * themselves.
   */
  parts?: Readonly<Record<string, string>>;
}

/**
 * Opens a deployment to work on; nothing is changed and nobody is signed in.
 * @throws CmsError STACK_NOT_FOUND, STACK_AMBIGUOUS, STACK_NOT_READY, STACK_OUTPUT_MISSING,
 * STACK_PAIRING_WRONG, or of the AWS call
 */
export async function openDeployment(
  connection: Connection,
  choice: DeploymentChoice,
  credentials: Credentials,
  signal: AbortSignal,
  generations: readonly Generation[] = GENERATIONS,
): Promise<Deployment> {
  const found =
    (await bothNamed(connection, choice, generations, signal)) ??
    (await amongAll(connection, choice, generations, signal));
  const generation = generations.find(({ id }) => id === found.generation);
  if (generation?.open === undefined) throw notSupported(found, generations);
  return sayingNeeds(await generation.open(connection, found, credentials, signal), credentials);
}

function isSupported(generation: Generation): boolean {
  return generation.open !== undefined;
}

/** Two reads instead of a list: works for a role that may describe these two stacks only. */
async function bothNamed(
  connection: Connection,
  { deployment, stack: stackName = deployment, parts = {} }: DeploymentChoice,
  generations: readonly Generation[],
  signal: AbortSignal,
): Promise<FoundDeployment | undefined> {
  const asked = generations.filter(({ choose }) => choose !== undefined && choose.part in parts);
  if (stackName === undefined || asked.length === 0) return undefined;
  const names = [...new Set(asked.flatMap(({ choose }) => parts[choose?.part ?? ''] ?? []))];
  const [stack, ...others] = await Promise.all(
    [stackName, ...names].map((name) => readStack(connection, name, signal)),
  );
  if (stack === undefined) return undefined;
  for (const generation of asked) {
    const part = others.find((other) => other?.name === parts[generation.choose?.part ?? '']);
    const found = part && generation.choose?.pair(stack, part);
    if (found !== undefined) return fitting([asSupported(found, generation)], { deployment }).at(0);
  }
  return undefined;
}

async function amongAll(
  connection: Connection,
  choice: DeploymentChoice,
  generations: readonly Generation[],
  signal: AbortSignal,
): Promise<FoundDeployment> {
  const stacks: ListedStack[] = [];
  for await (const stack of listStacks(connection, signal)) stacks.push(stack);
  const found = choose(stacks, choice, generations, connection.label);
  const parts = generations.find(({ id }) => id === found.generation)?.choose;
  const partName = choice.parts?.[parts?.part ?? ''];
  if (parts === undefined || partName === undefined) return found;
  const stack = stacks.find(({ id }) => id === found.stack.id);
  const part = stacks.find((each) => each.name === partName);
  if (part === undefined) {
    throw noSuchStack(partName, connection.label, parts.here(parts.candidates(stacks)));
  }
  return (stack && parts.pair(stack, part, found.parts[parts.part])) ?? found;
}

/** Those that all names fit. A name is of a stack or of a deployment, in the order that its option says. */
function fitting(
  found: readonly FoundDeployment[],
  { stack, deployment }: { stack?: string | undefined; deployment?: string | undefined },
): readonly FoundDeployment[] {
  const called = (name: string) => (each: FoundDeployment) => each.name === name;
  const onStack = (name: string) => (each: FoundDeployment) => each.stack.name === name;
  const first = (name: string, ...ways: ((name: string) => (each: FoundDeployment) => boolean)[]) =>
    ways.map((way) => found.filter(way(name))).find((some) => some.length > 0) ?? [];
  const byStack = stack === undefined ? found : first(stack, onStack, called);
  const byName = deployment === undefined ? found : first(deployment, called, onStack);
  return byStack.filter((each) => byName.includes(each));
}

/** @throws CmsError STACK_AMBIGUOUS, STACK_NOT_FOUND */
function named(
  deployments: readonly FoundDeployment[],
  stacks: readonly ListedStack[],
  choice: DeploymentChoice,
  generations: readonly Generation[],
  where: Message,
): FoundDeployment {
  const matches = fitting(deployments, choice);
  const able = ofSupported(matches, generations);
  const open = able.length > 0 ? able : matches;
  const [only, another] = open;
  const { deployment, stack = deployment ?? '' } = choice;
  if (only !== undefined && another === undefined) return only;
  if (only !== undefined) {
    const names = open.map(
      ({ name, stack, generation }) => `${name} (${labelOf(generation, generations)}, ${stack.name})`,
    );
    throw new CmsError(
      'STACK_AMBIGUOUS',
      l10n.t('Several CMS deployments are called "{name}": {names}.', {
        name: deployment ?? stack,
        names: l10n.list(names, 'comma'),
      }),
      { remedy: l10n.t('Specify both the deployment and its stack.') },
    );
  }
  const remedy = cmsHere(ofSupported(deployments, generations).map((each) => each.stack));
  if (deployment !== undefined && choice.stack !== undefined) {
    throw new CmsError(
      'STACK_NOT_FOUND',
      l10n.t('No CMS deployment "{deployment}" has the stack "{stack}" ({where}).', {
        ...{ deployment, stack, where },
      }),
      { remedy },
    );
  }
  if (!stacks.some(({ name }) => name === stack)) throw noSuchStack(stack, where, remedy);
  throw new CmsError(
    'STACK_NOT_FOUND',
    l10n.t('The stack "{name}" is not a CMS stack ({where}).', { name: stack, where }),
    { remedy },
  );
}

function ofSupported(
  deployments: readonly FoundDeployment[],
  generations: readonly Generation[],
): FoundDeployment[] {
  const supported = new Set(generations.filter(isSupported).map(({ id }) => id));
  return deployments.filter(({ generation }) => supported.has(generation));
}

function choose(
  stacks: readonly ListedStack[],
  choice: DeploymentChoice,
  generations: readonly Generation[],
  where: Message,
): FoundDeployment {
  const deployments = classify(stacks, generations);
  if (choice.stack !== undefined || choice.deployment !== undefined) {
    return named(deployments, stacks, choice, generations, where);
  }
  const own = ofSupported(deployments, generations);
  const ready = own.filter((deployment) => deployment.state.kind === 'ready');
  const [only, another] = ready;
  if (only !== undefined && another === undefined) return only;
  if (only !== undefined) {
    const names = l10n.list(
      ready.map((deployment) => deployment.stack.name),
      'comma',
    );
    throw new CmsError('STACK_AMBIGUOUS', l10n.t('There are several CMS stacks: {names}.', { names }), {
      remedy: l10n.t('Specify which one to use.'),
    });
  }
  // One that is not ready says why when it is opened.
  const [first] = own.length > 0 ? own : deployments;
  if (first !== undefined) return first;
  throw new CmsError('STACK_NOT_FOUND', l10n.t('No CMS is deployed here ({where}).', { where }), {
    remedy: l10n.t('Check the profile and the region, or start the local sandbox.'),
  });
}

function noSuchStack(name: string, where: Message, remedy: Message): CmsError {
  return new CmsError('STACK_NOT_FOUND', l10n.t('There is no stack "{name}" ({where}).', { name, where }), {
    remedy,
  });
}

function notSupported({ stack, state }: FoundDeployment, generations: readonly Generation[]): CmsError {
  const labels = generations.filter(isSupported).map(({ label }) => label);
  return new CmsError('STACK_NOT_READY', state.kind === 'ready' ? l10n.verbatim(stack.name) : state.reason, {
    remedy: l10n.t('Choose a deployment of {generations}.', { generations: l10n.list(labels, 'or') }),
    details: { status: stack.status },
  });
}

function cmsHere(stacks: readonly StackInfo[]): Message {
  return stacks.length === 0
    ? l10n.t('There are no CMS stacks here: check the profile and the region.')
    : l10n.t('CMS stacks here: {stacks}.', { stacks: namesOf(stacks) });
}

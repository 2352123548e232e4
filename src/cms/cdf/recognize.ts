import { isNested } from '../contract/stacks.ts';
import type { ListedStack } from '../contract/stacks.ts';

/** What the adapter reads of the CMS root stack (CMS v1 `cfn-cms-parent.yaml`). */
export const CMS_OUTPUTS = [
  'UserPoolId',
  'UserPoolClientId',
  'FacadeApiGatewayUrl',
  'FleetmanagerApiGatewayUrl',
] as const;
/** What it reads of the CDF core stack (CDF 1.0.5 `cfn-cdf-core-single-stack.yaml`). */
export const CORE_OUTPUTS = ['AssetLibraryApiGatewayUrl'] as const;

/** The parameter of the CMS stack that names its asset library, and the core's output it must equal. */
const LINK_PARAMETER = 'CDFCoreAssetLibraryApiFunctionName';
const LINK_OUTPUT = 'AssetLibraryRestApiFunctionName';

/**
 * Whether a stack is the root of a CMS v1: by its outputs, or, when those are not (all) there, by the
 * description of its template. Nested stacks share outputs with the root and never count.
 */
export function isCms(stack: ListedStack): boolean {
  if (isNested(stack)) return false;
  return 'FacadeApiGatewayUrl' in stack.outputs || stack.description.startsWith('CMS Parent Stack');
}

/** Whether a stack offers an asset library: a CDF core, or one nested in a "full" CMS. */
export function isCore(stack: ListedStack): boolean {
  return 'AssetLibraryApiGatewayUrl' in stack.outputs || LINK_OUTPUT in stack.outputs;
}

/** A root CDF core stack without outputs yet (its services share the description, so only a root counts). */
export function isCoreWithoutOutputs(stack: ListedStack): boolean {
  return !isNested(stack) && !isCore(stack) && /^CDF\b/.test(stack.description);
}

/**
 * The CDF core of a CMS, in order of trust: the core whose asset library function is the one the CMS stack was
 * given as parameter; the core nested in it; the only core there is, unless the parameter contradicts.
 */
export function coreOf(cms: ListedStack, stacks: readonly ListedStack[]): ListedStack | undefined {
  const roots = stacks.filter((stack) => isCore(stack) && !isNested(stack));
  const wanted = cms.parameters[LINK_PARAMETER];
  const linked = roots.find((core) => wanted !== undefined && core.outputs[LINK_OUTPUT] === wanted);
  if (linked) return linked;

  const nested = stacks.filter((stack) => isCore(stack) && stack.rootId === cms.id);
  // The nested core and its own part ServicesA have the same outputs: the one right below the CMS is the core.
  const below = nested.find((stack) => stack.parentId === cms.id) ?? nested[0];
  if (below) return below;

  const [only, another] = roots;
  return only !== undefined && another === undefined && !contradicts(cms, only) ? only : undefined;
}

/** Whether the CMS stack names another asset library than this core's. */
export function contradicts(cms: ListedStack, core: ListedStack): boolean {
  const wanted = cms.parameters[LINK_PARAMETER];
  const offered = core.outputs[LINK_OUTPUT];
  return wanted !== undefined && offered !== undefined && wanted !== offered;
}

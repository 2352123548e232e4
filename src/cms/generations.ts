import { cdf } from './cdf/generation.ts';
import { cmGuidance } from './cmGuidance/generation.ts';
import { cmsOnAws } from './cmsOnAws/generation.ts';
import type { Generation, GenerationId } from './contract/generation.ts';

/** Every generation the product knows. The order is that of help, lists and choices. */
export const GENERATIONS: readonly Generation[] = [cdf, cmsOnAws, cmGuidance];

/** For people; the id itself for a generation nobody knows. */
export function labelOf(id: GenerationId, generations = GENERATIONS): string {
  return generations.find((generation) => generation.id === id)?.label ?? id;
}

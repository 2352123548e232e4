import { l10n } from '../../core/message.ts';
import type { Fact } from '../contract/deployment.ts';
import type { FoundDeployment } from '../contract/generation.ts';
import { OPTIONAL_PARTS, USUAL_PARTS } from './recognize.ts';

/** The region of a name is said with the connection; what is not deployed is a fact, and not always a fault. */
export function stackFacts({ name, parts }: FoundDeployment): readonly Fact[] {
  const missing = [...USUAL_PARTS, ...OPTIONAL_PARTS].filter((part) => parts[part] === undefined);
  return [
    { id: 'stage', label: l10n.t('Stage'), value: name },
    ...(missing.length === 0
      ? []
      : [{ id: 'missingStacks', label: l10n.t('Not deployed'), value: missing.join(', ') }]),
  ];
}

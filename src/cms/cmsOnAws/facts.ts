import { l10n } from '../../core/message.ts';
import type { Fact } from '../contract/deployment.ts';
import type { FoundDeployment } from '../contract/generation.ts';
import { moduleOf } from './recognize.ts';

/** What `make deploy` of 3.0.0 deploys besides the registration; the web UI has a command of its own. */
const USUAL = [
  'cms-auth', 'cms-provisioning', 'cms-connect-store', 'cms-api', 'cms-alerts', 'cms-vehicle-simulator',
  'cms-predictive-maintenance',
]; // prettier-ignore
const UI = 'cms-ui';

/** Release, and what is not deployed, as the stacks say: modules that are left out are facts, not faults. */
export function stackFacts({ stack, parts }: FoundDeployment): readonly Fact[] {
  const version = moduleOf(stack)?.version ?? '?';
  const missing = [...USUAL, UI].filter((name) => parts[name] === undefined);
  const named = missing.map((name) => (name === UI ? `${UI} (make deploy leaves it out)` : name));
  return [
    { id: 'version', label: l10n.t('Release'), value: version },
    ...(missing.length === 0
      ? []
      : [{ id: 'missingModules', label: l10n.t('Not deployed'), value: named.join(', ') }]),
  ];
}

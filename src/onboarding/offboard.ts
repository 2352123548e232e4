import { cancelled, throwIfAborted } from '../core/errors.ts';
import { l10n, type Message } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import type { OffboardPlan } from './offboardPlan.ts';
import { withStep } from './steps.ts';

export interface OffboardResult {
  vin: string;
  removed: Message[];
  /** In the plan, but gone already. */
  wasGone: Message[];
  keeps: Message[];
}

/**
 * Removes what the plan lists, in its order; each removal is a no-op when the thing is gone already, so a run that
 * stopped half-way is continued by planning and running again.
 * @throws CmsError with the removal it stopped at as its step
 */
export async function offboard(plan: OffboardPlan, work: Work): Promise<OffboardResult> {
  const { vin } = plan;
  const result: OffboardResult = { vin, removed: [], wasGone: [], keeps: [...plan.keeps] };
  for (const removal of plan.removals) {
    const { kind, what } = removal;
    throwIfAborted(work.signal, kind);
    const message = l10n.t('Removing {what}', { what });
    work.progress({ step: kind, level: 'info', message, vin });
    try {
      const done = await removal.remove(work);
      if (typeof done === 'boolean') (done ? result.removed : result.wasGone).push(what);
      else result.keeps.push(done.stays);
    } catch (error) {
      throw work.signal.aborted ? cancelled(kind) : withStep(error, kind);
    }
  }
  return result;
}

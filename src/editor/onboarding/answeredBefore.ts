import type * as vscode from 'vscode';
import type { Field, OnboardingFields } from '../../cms/contract/fields.ts';
import type { StackRef } from '../base/stackRef.ts';

const LAST = 'onboardAnswers';
/** By deployment. */
const ONCE = 'onboardAnsweredOnce';

type Answers = Record<string, string>;

/** What was answered for the last vehicle, as a proposal for the next one. */
export function answeredBefore(memory: vscode.Memento, of: OnboardingFields): Answers {
  return known(of, isRemembered, memory.get<Record<string, unknown>>(LAST, {}));
}

/** What need not be asked again for this deployment. */
export function answeredOnce(memory: vscode.Memento, ref: StackRef, of: OnboardingFields): Answers {
  return known(of, isAskedOnce, memory.get<Record<string, Answers>>(ONCE, {})[placeOf(ref)] ?? {});
}

/** Keeps what the next vehicle may need of these answers. */
export async function keepAnswers(
  memory: vscode.Memento,
  ref: StackRef,
  of: OnboardingFields,
  given: Answers,
): Promise<void> {
  await memory.update(LAST, known(of, isRemembered, given));
  const once = known(of, isAskedOnce, given);
  if (Object.keys(once).length === 0) return;
  await memory.update(ONCE, { ...memory.get<Record<string, Answers>>(ONCE, {}), [placeOf(ref)]: once });
}

function known(
  { fields }: OnboardingFields,
  isMeant: (field: Field) => boolean,
  answers: Record<string, unknown>,
): Answers {
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = answers[field.name];
      return isMeant(field) && typeof value === 'string' ? [[field.name, value]] : [];
    }),
  );
}

const isRemembered = ({ remembered }: Field): boolean => remembered === true;
const isAskedOnce = ({ question }: Field): boolean => question?.once === true;

function placeOf({ connectionId, stack }: StackRef): string {
  return `${connectionId}/${stack}`;
}

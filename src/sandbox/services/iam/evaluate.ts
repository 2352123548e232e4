import { fits, literal, pattern } from '../../kit/glob.ts';
import { parseJson } from '../../kit/json.ts';

interface Statement {
  Effect?: string;
  Action?: string | string[];
  Resource?: string | string[];
  Condition?: object;
}

/**
 * Whether the policies of a role let it do something: what no statement allows is denied, and an explicit Deny wins (IAM
 * User Guide, "Policy evaluation logic"). A statement with conditions, or with what its policy excludes, allows nothing
 * here.
 */
export function allows(documents: readonly string[], action: string, resource: string): boolean {
  let allowed = false;
  for (const document of documents) {
    const { Statement: statements } = (parseJson(document) ?? {}) as { Statement?: Statement | Statement[] };
    for (const { Effect, Action = [], Resource = [], Condition } of [statements ?? []].flat()) {
      const applies =
        [Action].flat().some((each) => fits(pattern(each.toLowerCase()), literal(action.toLowerCase()))) &&
        [Resource].flat().some((each) => fits(pattern(each), literal(resource)));
      if (!applies) continue;
      if (Effect === 'Deny') return false;
      if (Condition === undefined) allowed = true;
    }
  }
  return allowed;
}

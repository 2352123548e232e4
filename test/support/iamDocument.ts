/** An IAM policy, limited to the features that the policies in docs/iam use. */
export interface IamDocument {
  Version: '2012-10-17';
  Statement: {
    Sid: string;
    Effect: 'Allow';
    Action: string[];
    Resource: string[];
    Condition?: Record<string, Record<string, string>>;
  }[];
}

/** An attempted action, with the facts that IAM evaluates. */
export interface Wish {
  action: string;
  /** An ARN, or `*` if the call names no resource. */
  resource: string;
  /** Values of condition keys. */
  facts?: Record<string, string>;
}

/** Whether a statement of the documents allows the action. Only StringEquals and ArnEquals are supported. */
export function allows(documents: readonly IamDocument[], { action, resource, facts = {} }: Wish): boolean {
  return documents
    .flatMap(({ Statement }) => Statement)
    .some(
      (statement) =>
        statement.Action.includes(action) &&
        statement.Resource.some((pattern) => matches(pattern, resource)) &&
        Object.entries(statement.Condition ?? {}).every(([operator, expected]) => {
          if (operator !== 'StringEquals' && operator !== 'ArnEquals') return false;
          return Object.entries(expected).every(([key, value]) => facts[key] === value);
        }),
    );
}

/**
 * What of the documents none of these attempts needs, as `action on resource`: each is taken out in turn, and nothing is
 * refused without it.
 */
export function needlessIn(documents: readonly IamDocument[], wishes: readonly Wish[]): string[] {
  const needless: string[] = [];
  for (const [at, document] of documents.entries()) {
    for (const [index, statement] of document.Statement.entries()) {
      for (const action of statement.Action) {
        for (const resource of statement.Resource) {
          const without = {
            ...statement,
            Action: statement.Action.filter((each) => each !== action),
          };
          // The action on the other resources stays.
          const rest = {
            ...statement,
            Action: [action],
            Resource: statement.Resource.filter((each) => each !== resource),
          };
          const changed = {
            ...document,
            Statement: [...document.Statement.toSpliced(index, 1), without, rest],
          };
          const others = documents.toSpliced(at, 1, changed);
          if (wishes.every((wish) => !allows(documents, wish) || allows(others, wish))) {
            needless.push(`${action} on ${resource}`);
          }
        }
      }
    }
  }
  return needless.sort();
}

function matches(pattern: string, resource: string): boolean {
  const form = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${form}$`, 's').test(resource);
}

import * as z from 'zod';
import { literal, fits, pattern, type Pattern } from '../kit/glob.ts';
import { conditionHolds, parseConditions, type Condition } from './policyConditions.ts';
import { parseTemplate, resolve, type Template, type Variables } from './template.ts';

const strings = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const scalar = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const scalars = z.union([scalar, z.array(scalar)]).transform((value) => [value].flat());

const statementSchema = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: strings.optional(),
  NotAction: strings.optional(),
  Resource: strings.optional(),
  NotResource: strings.optional(),
  Condition: z.record(z.string(), z.record(z.string(), scalars)).optional(),
});

const documentSchema = z.object({
  Version: z.string().optional(),
  Statement: z.union([statementSchema, z.array(statementSchema)]).transform((value) => [value].flat()),
});

interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly Pattern[];
  readonly notActions: boolean;
  readonly resources: readonly Template[];
  readonly notResources: boolean;
  readonly conditions: readonly Condition[];
}

export type CompiledPolicy = readonly Statement[];

/** What a client wants to do. */
export interface PolicyRequest {
  /** Such as `iot:Publish`. */
  action: string;
  /** Such as `arn:aws:iot:us-west-2:123456789012:topic/a/b`. */
  resource: string;
  variables: Variables;
}

/** `implicit-deny`: no statement allows the request, and none denies it explicitly. */
export type Decision = 'allow' | 'deny' | 'implicit-deny';

/** Parses one policy document. Throws an Error when it is not a valid policy. */
export function compilePolicy(document: string): CompiledPolicy {
  const parsed = documentSchema.parse(JSON.parse(document));
  const substitute = parsed.Version === '2012-10-17';
  return parsed.Statement.map((statement) => ({
    effect: statement.Effect,
    actions: (statement.Action ?? statement.NotAction ?? []).map((action) => pattern(action.toLowerCase())),
    notActions: statement.Action === undefined && statement.NotAction !== undefined,
    resources: (statement.Resource ?? statement.NotResource ?? []).map((r) => parseTemplate(r, substitute)),
    notResources: statement.Resource === undefined && statement.NotResource !== undefined,
    conditions: parseConditions(statement.Condition ?? {}, substitute),
  }));
}

/**
 * Evaluates all policies of a certificate as AWS IoT does: an explicit Deny wins over any Allow, and what no
 * statement allows is denied (AWS IoT Developer Guide, "AWS IoT Core policies").
 */
export function evaluate(policies: readonly CompiledPolicy[], request: PolicyRequest): Decision {
  const action = literal(request.action.toLowerCase());
  const resource = literal(request.resource);
  let allowed = false;
  for (const policy of policies) {
    for (const statement of policy) {
      if (allowed && statement.effect === 'Allow') continue;
      if (!applies(statement, action, resource, request.variables)) continue;
      if (statement.effect === 'Deny') return 'deny';
      allowed = true;
    }
  }
  return allowed ? 'allow' : 'implicit-deny';
}

function applies(statement: Statement, action: Pattern, resource: Pattern, variables: Variables): boolean {
  if (statement.actions.some((glob) => fits(glob, action)) === statement.notActions) return false;
  const named = statement.resources.some((template) => {
    const glob = resolve(template, variables);
    return glob !== undefined && fits(glob, resource);
  });
  if (named === statement.notResources) return false;
  return statement.conditions.every((condition) => conditionHolds(condition, variables));
}

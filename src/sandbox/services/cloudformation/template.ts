import * as z from 'zod';
import { AwsError } from '../../kernel/http.ts';
import { parseJson } from '../../kit/json.ts';

/** A template in JSON, as far as stacks are made of one here. */
export interface Template {
  description: string;
  parameters: Readonly<Record<string, ParameterRule>>;
  conditions: Readonly<Record<string, unknown>>;
  resources: Readonly<Record<string, TemplateResource>>;
  outputs: Readonly<Record<string, { Value: unknown; Description?: string | undefined }>>;
}

export interface TemplateResource {
  Type: string;
  Properties: Readonly<Record<string, unknown>>;
  DependsOn: string[];
  Condition?: string | undefined;
}

interface ParameterRule {
  Default?: string | undefined;
  AllowedPattern?: string | undefined;
  AllowedValues?: string[] | undefined;
}

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const schema = z.object({
  Description: z.string().default(''),
  Parameters: z
    .record(
      z.string(),
      z.object({
        Type: z.string(),
        Default: text.optional(),
        AllowedPattern: z.string().optional(),
        AllowedValues: z.array(text).optional(),
      }),
    )
    .default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(
    z.string().regex(/^[A-Za-z0-9]+$/),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      DependsOn: z
        .union([z.string(), z.array(z.string())])
        .default([])
        .transform((value) => [value].flat()),
      Condition: z.string().optional(),
    }),
  ),
  Outputs: z
    .record(z.string(), z.object({ Value: z.unknown(), Description: z.string().optional() }))
    .default({}),
});

export function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

/** Throws ValidationError; YAML is not read here. */
export function readTemplate(body: string): Template {
  if (Buffer.byteLength(body) > 51_200) {
    throw invalid(
      "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200",
    );
  }
  const parsed = schema.safeParse(parseJson(body));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(
      `Template format error: ${issue === undefined || issue.path.length === 0 ? 'it is not JSON, which is all that the sandbox reads' : issue.path.join('/')}`,
    );
  }
  const { Description, Parameters, Conditions, Resources, Outputs } = parsed.data;
  if (Object.keys(Resources).length === 0) {
    throw invalid('Template format error: At least one Resources member must be defined.');
  }
  return {
    description: Description,
    parameters: Parameters,
    conditions: Conditions,
    resources: Resources,
    outputs: Outputs,
  };
}

/** The values of a template's parameters. Throws ValidationError. */
export function parametersOf(
  { parameters }: Template,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const strange = Object.keys(given).filter((name) => !(name in parameters));
  if (strange.length > 0) {
    throw invalid(`Parameters: [${strange.join(', ')}] do not exist in the template`);
  }
  return Object.fromEntries(
    Object.entries(parameters).map(([name, rule]) => {
      const value = given[name] ?? rule.Default;
      if (value === undefined) throw invalid(`Parameters: [${name}] must have values`);
      if (rule.AllowedValues?.includes(value) === false) {
        throw invalid(`Template error: Parameter '${name}' must be one of AllowedValues`);
      }
      if (rule.AllowedPattern !== undefined && !new RegExp(`^(?:${rule.AllowedPattern})$`).test(value)) {
        throw invalid(`Parameter '${name}' must match pattern ${rule.AllowedPattern}`);
      }
      return [name, value];
    }),
  );
}

/** What references in a template lead to. */
export interface Scope {
  conditions: Readonly<Record<string, unknown>>;
  /** Of a parameter, a pseudo parameter or a resource. */
  ref(name: string): string;
  attribute(resource: string, name: string): string;
}

/** What `AWS::NoValue` leaves. */
const NOTHING = Symbol('AWS::NoValue');

/** A value with its intrinsic functions carried out. Throws ValidationError for those that are not known here. */
export function resolved(value: unknown, scope: Scope): unknown {
  const found = resolve(value, scope);
  return found === NOTHING ? undefined : found;
}

function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) {
    return value.map((each) => resolve(each, scope)).filter((each) => each !== NOTHING);
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [[name, argument] = ['', undefined]] = entries;
  if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::') || name === 'Condition')) {
    return called(name, argument, scope);
  }
  return Object.fromEntries(
    entries.map(([key, each]) => [key, resolve(each, scope)] as const).filter(([, each]) => each !== NOTHING),
  );
}

function called(name: string, argument: unknown, scope: Scope): unknown {
  const list = (): unknown[] => {
    if (Array.isArray(argument)) return argument;
    throw invalid(`Template error: ${name} requires a list argument`);
  };
  switch (name) {
    case 'Ref':
      return argument === 'AWS::NoValue' ? NOTHING : scope.ref(String(argument));
    case 'Condition':
      return holds(String(argument), scope);
    case 'Fn::GetAtt': {
      const [resource = '', ...rest] = Array.isArray(argument)
        ? argument.map(String)
        : String(argument).split('.');
      return scope.attribute(resource, rest.join('.'));
    }
    case 'Fn::Sub': {
      const [pattern, own] = Array.isArray(argument)
        ? [String(argument[0]), argument[1] as Record<string, unknown>]
        : [String(argument), {}];
      return pattern.replaceAll(/\$\{(!?)([^}]+)\}/g, (_, escaped: string, key: string) => {
        if (escaped === '!') return `\${${key}}`;
        if (key in own) return String(resolve(own[key], scope));
        const [resource = '', ...rest] = key.split('.');
        return rest.length === 0 ? scope.ref(key) : scope.attribute(resource, rest.join('.'));
      });
    }
    case 'Fn::Join': {
      const [by, parts] = list();
      return (resolve(parts, scope) as unknown[]).join(String(by));
    }
    case 'Fn::Split': {
      const [by, text] = list();
      return String(resolve(text, scope)).split(String(by));
    }
    case 'Fn::Select': {
      const [index, values] = list();
      const all = resolve(values, scope) as unknown[];
      const found = all[Number(index)];
      if (found !== undefined) return found;
      throw invalid(`Template error: Fn::Select cannot select nonexistent value at index ${String(index)}`);
    }
    case 'Fn::GetAZs': {
      const region = resolve(argument, scope);
      const where = region === '' ? scope.ref('AWS::Region') : String(region);
      return ['a', 'b', 'c'].map((zone) => `${where}${zone}`);
    }
    case 'Fn::If': {
      const [condition, yes, no] = list();
      return resolve(holds(String(condition), scope) ? yes : no, scope);
    }
    case 'Fn::Equals': {
      const [one, other] = list().map((each) => resolve(each, scope));
      return one === other;
    }
    case 'Fn::Not':
      return resolve(list()[0], scope) !== true;
    case 'Fn::And':
      return list().every((each) => resolve(each, scope) === true);
    case 'Fn::Or':
      return list().some((each) => resolve(each, scope) === true);
    default:
      throw invalid(`Template error: the sandbox does not know ${name}`);
  }
}

/** Whether a named condition of the template holds. */
export function holds(name: string, scope: Scope): boolean {
  if (!(name in scope.conditions)) throw invalid(`Template error: unresolved condition dependency ${name}`);
  return resolve(scope.conditions[name], scope) === true;
}

/** The resources, each after those that it refers to. Throws ValidationError for a circle. */
export function inOrder({ resources }: Template): string[] {
  const order: string[] = [];
  const open = new Set<string>();
  const visit = (logicalId: string): void => {
    if (order.includes(logicalId)) return;
    if (open.has(logicalId))
      throw invalid(`Circular dependency between resources: [${[...open].join(', ')}]`);
    open.add(logicalId);
    for (const needed of neededBy(resources[logicalId], resources)) visit(needed);
    open.delete(logicalId);
    order.push(logicalId);
  };
  for (const logicalId of Object.keys(resources)) visit(logicalId);
  return order;
}

function neededBy(resource: TemplateResource | undefined, all: Template['resources']): string[] {
  if (resource === undefined) return [];
  const names = new Set<string>(resource.DependsOn);
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, each] of Object.entries(value)) {
        if (key === 'Ref') names.add(String(each));
        else if (key === 'Fn::GetAtt')
          names.add(String(Array.isArray(each) ? each[0] : each).split('.')[0] ?? '');
        else if (key === 'Fn::Sub') {
          const text = String(Array.isArray(each) ? each[0] : each);
          for (const [, name = ''] of text.matchAll(/\$\{([^!}.]+)/g)) names.add(name);
        }
        look(each);
      }
    }
  };
  look(resource.Properties);
  return [...names].filter((name) => name in all);
}

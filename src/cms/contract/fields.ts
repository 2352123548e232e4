import * as z from 'zod';
import { CmsError } from '../../core/errors.ts';
import { l10n, type Message } from '../../core/message.ts';
import type { Random } from '../../core/work.ts';
import { type FieldProblem, problemLine, schemaProblem } from './problems.ts';
import type { ProvisionWishes } from './provisioner.ts';
import type { StepInfo } from './steps.ts';

/** A checked request to onboard one vehicle. What else is in it only its generation knows. */
export interface OnboardRequest {
  /** Upper case. */
  readonly vin: string;
  /** Words to choose the vehicle by. */
  readonly tags?: readonly string[] | undefined;
  /** What the CMS calls the engine; `EV` drives on a battery. */
  readonly fuelType?: string | undefined;
}

/** How one field of a request is shown; what it is and allows stands in the schema. */
export interface Field {
  /** The same word is a column of a CSV file, a key of a JSON one and, in kebab case, a flag. */
  readonly name: string;
  /** Heading of its flags, such as `Vehicle`. */
  readonly group: string;
  /** In the review of the wizard. Without it the wizard does not show the field. */
  readonly title?: Message;
  /** A question of its own in the wizard, in the order of the fields; other fields with a title are in the review. */
  readonly question?: FieldQuestion;
  /** Words for the values of an enum, in the order in which they are offered; without it the values themselves. */
  readonly choices?: readonly { readonly value: string; readonly label: Message }[];
  /** A setting of the editor with its default value. */
  readonly setting?: string;
  /** Kept for the next vehicle in the wizard. */
  readonly remembered?: boolean;
  /** What is wrong with a value, as the end of a sentence: "must not be empty." */
  readonly problem?: (value: string) => Message | undefined;
}

export interface FieldQuestion {
  readonly prompt: Message;
  /** Asked until it was answered for a deployment once; from then on the answer is in the review. */
  readonly once?: boolean;
  readonly suggestion?: string;
  readonly placeholder?: string;
  /** What is wrong with an answer, or only unusual; whole sentences. */
  readonly judge?: (value: string) => Judgement | undefined;
  /** A button, and what Enter does in an empty box. */
  readonly makeUp?: { readonly title: Message; value(random: Random): string };
}

export type Judgement =
  | { readonly problem: Message; readonly warning?: undefined }
  | { readonly warning: Message; readonly problem?: undefined };

export type RequestCheck<R extends OnboardRequest = OnboardRequest> =
  { ok: true; request: R; warnings: Message[] } | { ok: false; problems: FieldProblem[] };

export interface Contradictions<R extends OnboardRequest> {
  /** What contradicts the lines that were asked about before. */
  of(line: number, request: R): FieldProblem[];
}

/** An option that a generation has for signing in; `signInMode` is `--sign-in-mode`. */
export interface SignInOption {
  readonly name: string;
  /** What stands for its value in the help: `mode`. */
  readonly value: string;
  readonly description: string;
  /** The first is what nobody has to say. */
  readonly values: readonly [string, ...string[]];
}

/** What a generation asks for to onboard a vehicle: flags, wizard, fleet files and docs are made of it. */
export interface OnboardingFields<R extends OnboardRequest = OnboardRequest> {
  /** One vehicle, flat and strict. Descriptions are the help of the flags. */
  readonly schema: z.ZodObject;
  readonly fields: readonly Field[];
  /** What other programs do to the columns of a CSV file. */
  readonly columns?: {
    /** Names that other programs and languages have for a field, in lower case and without blanks. */
    readonly otherNames?: Readonly<Record<string, readonly string[]>>;
    /** The same for the values of a field that takes only some: by the field, and by the value that it takes. */
    readonly otherValues?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
    /** Fields that people write freely; in all others the letters of the Latin alphabet and digits are all there is. */
    readonly freeText?: readonly string[];
    /** Fields whose values spreadsheets take for dates. */
    readonly likeDates?: readonly string[];
  };
  /** All steps in their order, for what is said of a run that did not end. */
  readonly steps: readonly StepInfo[];
  /** Checks one vehicle completely and lists every problem at once. @param now milliseconds since 1970 */
  check(input: unknown, now: number): RequestCheck<R>;
  /** The same for a single vehicle. @throws CmsError REQUEST_INVALID with all problems in its sentence, VIN_INVALID */
  parse(input: unknown, now: number): { request: R; warnings: Message[] };
  /** Why the vehicles of a fleet are onboarded from one place only, where that is so. */
  readonly onePlace?: Message;
  /** Begins to look for what contradicts an earlier line of a fleet file. */
  contradictions?(): Contradictions<R>;
  /** The fields that count when a vehicle gets a certificate and nothing else. */
  readonly forCertificate: readonly string[];
  wishes(request: R): ProvisionWishes;
  /** What completes an input for work that only has to know which vehicle it is. */
  readonly unasked: Readonly<Record<string, unknown>>;
  /** Who signs in, unless somebody else is named. */
  readonly signIn?: {
    /** The field with the name. */
    readonly field: string;
    /** The field with the address of a user that has to be made. */
    readonly emailField?: string;
    problem(name: string): Message | undefined;
    /** What else can be said of how they sign in, as options of the command line. */
    readonly options?: readonly SignInOption[];
  };
  /** A vehicle and what is special about it, on a line. */
  summary(request: Readonly<Record<string, string>>): string;
}

/** A field as its schema describes it to JSON. */
export interface FieldSchema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: readonly unknown[];
}

export interface RequestSchema {
  properties: Readonly<Record<string, FieldSchema>>;
  required: readonly string[];
}

/** By schema: making one takes a millisecond, and fleet files are checked while somebody types. */
const made = new WeakMap<OnboardingFields['schema'], RequestSchema>();

/** What the schema of a request says of each field, and which have no default and must be given. */
export function schemaOf({ schema }: Pick<OnboardingFields, 'schema'>): RequestSchema {
  const known = made.get(schema);
  if (known !== undefined) return known;
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  const of: RequestSchema = {
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [
        name,
        typeof property === 'object' ? (property as FieldSchema) : {},
      ]),
    ),
    required,
  };
  made.set(schema, of);
  return of;
}

/**
 * Some fields of a request, checked by a part of its schema.
 * @throws CmsError REQUEST_INVALID with all problems in its sentence
 */
export function parseFields<T extends z.ZodType>(schema: T, input: unknown): z.infer<T> {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw invalidRequest(schemaProblems(schema, parsed.error));
}

/** All problems in one sentence. */
export function invalidRequest(problems: readonly FieldProblem[]): CmsError {
  const count = problems.length;
  const lines = problems.map((problem) => l10n.t('- {problem}', { problem: problemLine(problem) }));
  const [only] = problems;
  return new CmsError(
    'REQUEST_INVALID',
    count === 1 && only !== undefined
      ? l10n.t('The request is not valid. {problem}', { problem: problemLine(only) })
      : l10n.t('The request has {count} problems.\n{lines}', { count, lines: l10n.list(lines, 'lines') }),
    { remedy: l10n.t('Fix the problems listed; nothing has been done yet.'), details: { problems: count } },
  );
}

/** What a request's schema says about an input. */
export function schemaProblems(schema: z.ZodType, { issues }: z.ZodError): FieldProblem[] {
  return issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const names = issue.keys.map((key) => `"${key}"`).join(', ');
      const fields = schema instanceof z.ZodObject ? Object.keys(schema.shape).join(', ') : '';
      return {
        field: '',
        message: l10n.t('There is no field {names}. The fields are: {fields}.', { names, fields }),
      };
    }
    if (issue.code === 'invalid_type' && issue.input === undefined) {
      return { field: issue.path.join('.'), message: l10n.t('is missing.') };
    }
    return schemaProblem(issue);
  });
}

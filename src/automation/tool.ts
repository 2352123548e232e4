import * as z from 'zod';
import { asCmsError, CmsError } from '../core/errors.ts';
import { harmlessJson } from '../core/harmlessJson.ts';
import { l10n } from '../core/message.ts';
import type { Work } from '../core/work.ts';
import { english } from '../core/wording.ts';
import type { Question, ToolHost } from './host.ts';

/**
 * `looks`: changes nothing. `changes`: makes or steers something; a front end has it confirmed. `removes`: asks by
 * itself, with what would go, and does nothing without an answer.
 */
export type Effect = 'looks' | 'changes' | 'removes';

/** Something a program may ask for, such as a language model: the same in the editor's chat and over MCP. */
export interface Tool {
  /** Lower case with underscores. */
  readonly name: string;
  /** In English; the editor has its own. */
  readonly title: string;
  /** For the program that chooses among tools. */
  readonly description: string;
  readonly effect: Effect;
  /** JSON Schema of its input. */
  readonly inputSchema: object;
  /** What a person is asked before a tool that `changes` something. @throws CmsError */
  question(input: unknown, host: ToolHost, work: Work): Promise<Question>;
  /** @throws CmsError REQUEST_INVALID for an input that does not fit */
  run(input: unknown, host: ToolHost, work: Work): Promise<object>;
}

interface Definition<S extends z.ZodObject> extends Pick<Tool, 'name' | 'title' | 'description'> {
  input: S;
  run(input: z.infer<S>, host: ToolHost, work: Work): Promise<object>;
}
type Asked<S extends z.ZodObject> =
  | { effect: 'looks' | 'removes' }
  | { effect: 'changes'; question(input: z.infer<S>, host: ToolHost, work: Work): Promise<Question> };

export function defineTool<S extends z.ZodObject>(definition: Definition<S> & Asked<S>): Tool {
  const { name, title, description, effect, input: schema } = definition;
  const checked = (input: unknown): z.infer<S> => {
    const parsed = schema.safeParse(input ?? {});
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new CmsError(
      'REQUEST_INVALID',
      l10n.t('The input of {tool} does not fit: {problems}', { tool: name, problems: problems.join('; ') }),
    );
  };
  return {
    ...{ name, title, description, effect },
    inputSchema: inputSchemaOf(schema),
    question: (input, host, work) =>
      'question' in definition
        ? definition.question(checked(input), host, work)
        : Promise.reject(new Error(`${name} asks nothing`)),
    run: (input, host, work) => definition.run(checked(input), host, work),
  };
}

function inputSchemaOf(schema: z.ZodObject): object {
  const json = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  delete json.$schema;
  return json;
}

/** What a tool answers: JSON for the program that asked, without a secret. */
export interface ToolAnswer {
  text: string;
  failed: boolean;
}

/** Runs a tool to its end; what goes wrong is part of the answer, with code and remedy. Never rejects. */
export async function callTool(tool: Tool, input: unknown, host: ToolHost, work: Work): Promise<ToolAnswer> {
  try {
    return { text: harmlessJson(await tool.run(input, host, work), 1), failed: false };
  } catch (thrown) {
    return { text: problemText(thrown), failed: true };
  }
}

/** Anything thrown, as JSON. */
export function problemText(thrown: unknown): string {
  const { code, sentence, remedy, step } = asCmsError(thrown);
  return harmlessJson(
    { error: { code, message: english(sentence), remedy: remedy && english(remedy), step } },
    1,
  );
}

import type { GenerationId } from '../../src/cms/contract/generation.ts';

/** Work that a user can be permitted to do; its policy is docs/iam/<name>.json. */
export interface Task {
  name: string;
  /** For the README: the work that needs the policy. */
  wish: string;
  /** Another task whose policy is needed, too. */
  besides?: string;
  /** What the policy is for, in words. */
  purpose: string;
  /** Operations that every ordinary run calls; a test checks each. */
  calls: readonly string[];
  /** Operations that only some runs call, and when. */
  sometimes?: Readonly<Record<string, string>>;
}

export type Condition = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One action that IAM must allow. */
export interface Grant {
  action: string;
  /** ARNs, with placeholders for account, region and ids. */
  resources: readonly string[];
  condition?: Condition;
}

/** What IAM must allow for the work with one generation of the CMS. */
export interface Permissions {
  generation: GenerationId;
  /** Where its policies are, below docs/iam: the first generation's are there themselves. */
  folder: string;
  tasks: readonly Task[];
  /**
   * By call, such as `iot:CreateThing`; none for what AWS answers to everybody. A call that is not the same everywhere
   * says where it goes, as in `dynamodb:Query#provisioned`.
   */
  operations: ReadonlyMap<string, readonly Grant[]>;
}

/** All operations of a task. */
export function operationsOf({ calls, sometimes = {} }: Task): string[] {
  return [...new Set([...calls, ...Object.keys(sometimes)])].sort();
}

/** The call itself, wherever it goes. */
export function callOf(operation: string): string {
  return operation.split('#')[0] ?? '';
}

import type { Message } from '../core/message.ts';
import { isAwsError, toCmsError } from './errors.ts';

/** How AWS services say that something does not exist, or exists already. */
const MISSING = ['ResourceNotFoundException', 'NoSuchEntity', 'NoSuchEntityException'];
const EXISTS = ['ResourceAlreadyExistsException', 'EntityAlreadyExists', 'EntityAlreadyExistsException'];

/** Runs AWS calls. Whatever they throw becomes a CmsError that says what was tried: "reading policy P". */
export async function calling<T>(doing: Message, run: () => Promise<T>, couldNot?: Message): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw toCmsError(error, doing, couldNot);
  }
}

/** Like `calling`, but undefined for what does not exist. */
export async function unlessMissing<T>(doing: Message, run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (isAwsError(error, ...MISSING)) return undefined;
    throw toCmsError(error, doing);
  }
}

export function alreadyExists(error: unknown): boolean {
  return isAwsError(error, ...EXISTS);
}

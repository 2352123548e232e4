import { isAwsError, toCmsError } from '../aws/errors.ts';

/** How AWS services say that a thing is not there, or is there already. */
const MISSING = ['ResourceNotFoundException', 'NoSuchEntity', 'NoSuchEntityException'];
const EXISTS = ['ResourceAlreadyExistsException', 'EntityAlreadyExists', 'EntityAlreadyExistsException'];

/** Runs AWS calls; whatever they throw becomes a CmsError that says what was tried. */
export async function calling<T>(doing: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw toCmsError(error, doing);
  }
}

/** Like `calling`, but undefined for what is not there. */
export async function unlessMissing<T>(doing: string, run: () => Promise<T>): Promise<T | undefined> {
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

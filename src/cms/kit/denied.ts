import { isCmsError } from '../../core/errors.ts';

/** Whether the AWS credentials may not look: then nothing is said about what is there. */
export function isDenied(error: unknown): boolean {
  return isCmsError(error) && error.code === 'ACCESS_DENIED';
}

/** Undefined for what may not be looked at. */
export async function unlessDenied<T>(looking: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await looking;
  } catch (error) {
    if (isDenied(error)) return undefined;
    throw error;
  }
}

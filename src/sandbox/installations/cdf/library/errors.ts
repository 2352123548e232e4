import { ArgumentError } from '../rest/arguments.ts';

/** An error answer of the asset library: `{"error": message}` with this status. */
export class LibraryError extends Error {
  override readonly name = 'LibraryError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const failedValidation = (): LibraryError => new LibraryError(400, 'FAILED_VALIDATION');
export const invalidRelation = (): LibraryError => new LibraryError(400, 'INVALID_RELATION');
export const invalidProfile = (): LibraryError => new LibraryError(400, 'INVALID_PROFILE');
export const itemNotFound = (): LibraryError => new LibraryError(404, 'Item not found');
export const itemExists = (): LibraryError => new LibraryError(409, 'Item already exists');
/** Two client errors that the original answers with 500. */
export const invalidParent = (): LibraryError => new LibraryError(500, 'INVALID_PARENT');
export const templateNotFound = (): LibraryError => new LibraryError(500, 'TEMPLATE_NOT_FOUND');

/** Status and text of anything thrown while a call was handled. */
export function libraryFailure(error: unknown): { status: number; text: string } {
  if (error instanceof LibraryError) return { status: error.status, text: error.message };
  if (error instanceof ArgumentError) return { status: 400, text: error.message };
  return { status: 500, text: error instanceof Error ? error.message : String(error) };
}

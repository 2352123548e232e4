/** Runs what several vehicles need (a user, a template) once; a failure is forgotten, so it can be tried again. */
export interface Shared {
  once<T>(key: string, make: () => Promise<T>): Promise<T>;
}

export function createShared(): Shared {
  const made = new Map<string, Promise<unknown>>();
  return {
    once<T>(key: string, make: () => Promise<T>): Promise<T> {
      const known = made.get(key);
      if (known) return known as Promise<T>;
      const promise = make();
      made.set(key, promise);
      promise.catch(() => made.delete(key));
      return promise;
    },
  };
}

import type { DeviceProcess } from '../../device/client/deviceProcess.ts';
import type { LoadBackend } from './loadBackend.ts';

/** The device process of this window, started at first use. */
export class WindowDevice {
  readonly #backend: LoadBackend<'startDevice'>;
  #process: Promise<DeviceProcess> | undefined;

  constructor(backend: LoadBackend<'startDevice'>) {
    this.#backend = backend;
  }

  get(): Promise<DeviceProcess> {
    this.#process ??= this.#backend().startDevice({ outlives: true });
    return this.#process;
  }

  async close(): Promise<void> {
    (await this.#process)?.dispose();
  }
}

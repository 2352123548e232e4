import { setWorkerUrl } from 'maplibre-gl';

/** A worker cannot be started from a webview's address, so it is fetched and started from a blob. */
export async function startWorker(uri: string): Promise<void> {
  const response = await fetch(uri);
  if (!response.ok) throw new Error(`${uri} answered ${response.status}`);
  const blob = new Blob([await response.text()], { type: 'text/javascript' });
  setWorkerUrl(URL.createObjectURL(blob));
}

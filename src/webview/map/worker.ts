import { setWorkerUrl } from 'maplibre-gl';

/** Workers cannot be started from a webview's resource URL, so this one is fetched and started from a blob. */
export async function startWorker(uri: string): Promise<void> {
  const response = await fetch(uri);
  if (!response.ok) throw new Error(`${uri} answered ${response.status}`);
  const blob = new Blob([await response.text()], { type: 'text/javascript' });
  setWorkerUrl(URL.createObjectURL(blob));
}

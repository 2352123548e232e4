import { DROPPED_MOST, type MapRequest } from '../../protocol/map.ts';

/** Hands on files that are dropped on the page: of the system with what is in them, of the editor where they are. */
export function listenToDrops(
  root: HTMLElement,
  on: { send(request: MapRequest): void; tooLarge(name: string): void; over(over: boolean): void },
): void {
  const isFile = ({ dataTransfer }: DragEvent): boolean =>
    dataTransfer?.types.some((type) => type === 'Files' || type === 'text/uri-list') ?? false;
  root.addEventListener('dragover', (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    on.over(true);
  });
  root.addEventListener('dragleave', ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node) || !root.contains(relatedTarget)) on.over(false);
  });
  root.addEventListener('drop', (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    on.over(false);
    const [file] = event.dataTransfer?.files ?? [];
    if (file) {
      void sendFile(file, on);
      return;
    }
    const [uri] = (event.dataTransfer?.getData('text/uri-list') ?? '').split(/\r?\n/);
    if (uri) on.send({ kind: 'drop-uri', uri });
  });
}

async function sendFile(
  file: File,
  on: { send(request: MapRequest): void; tooLarge(name: string): void },
): Promise<void> {
  // Four characters for three bytes.
  if (file.size * (4 / 3) > DROPPED_MOST - 4) {
    on.tooLarge(file.name);
    return;
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  // So many arguments at once as every browser takes.
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  on.send({ kind: 'drop', name: file.name, content: btoa(text) });
}

/** Characters outside x20-x7E are removed from names and ids, not refused. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7E]+/g, '');
}

/** The path of a group: its parent's path and its name in lower case. */
export function childPath(parentPath: string, name: string): string {
  return parentPath === '/' ? `/${name.toLowerCase()}` : `${parentPath}/${name.toLowerCase()}`;
}

/** The last segment of a path or ARN; the whole string if it has no slash. */
export function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The URL path of a group: the group's path is ONE segment, encoded once. */
export function groupLocation(groupPath: string): string {
  return `/groups/${encodeURIComponent(groupPath)}`;
}

/** Google's encoded polyline of precision 5. Points are longitude, latitude. */
export function encodePolyline(points: [longitude: number, latitude: number][]): string {
  let text = '';
  let [lastLatitude, lastLongitude] = [0, 0];
  for (const [longitude, latitude] of points) {
    const [y, x] = [scaled(latitude), scaled(longitude)];
    text += encodeNumber(y - lastLatitude) + encodeNumber(x - lastLongitude);
    [lastLatitude, lastLongitude] = [y, x];
  }
  return text;
}

/** Rounded half away from zero. */
const scaled = (degrees: number): number => Math.sign(degrees) * Math.round(Math.abs(degrees) * 1e5);

function encodeNumber(value: number): string {
  let rest = value < 0 ? ~(value << 1) : value << 1;
  let text = '';
  while (rest >= 0x20) {
    text += String.fromCharCode((0x20 | (rest & 0x1f)) + 63);
    rest >>= 5;
  }
  return text + String.fromCharCode(rest + 63);
}

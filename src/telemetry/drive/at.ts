/** An element that must exist. Throws a RangeError otherwise, because then the caller's arithmetic is wrong. */
export function at<T>(list: ArrayLike<T>, index: number): T {
  const element = list[index];
  if (element === undefined) throw new RangeError(`There is no element ${index} of ${list.length}.`);
  return element;
}

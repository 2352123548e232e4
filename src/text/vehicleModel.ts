/** What a vehicle is, on a line: "Acme DN 2019". */
export function modelOf({
  make,
  model,
  modelYear,
}: {
  make: string;
  model: string;
  /** 0 if it is not known. */
  modelYear: number;
}): string {
  return [make, model, modelYear === 0 ? '' : String(modelYear)].filter((part) => part !== '').join(' ');
}

/**
 * What AWS IoT accepts as the name of a thing. Such a name is also a segment of a topic and of a URL, and, having
 * neither dot nor slash, the name of a folder. Source: AWS IoT API Reference, CreateThing.
 */
const CHARACTER = /^[a-zA-Z0-9:_-]$/;

export const LONGEST_THING_NAME = 128;

export function isThingNameCharacter(character: string): boolean {
  return CHARACTER.test(character);
}

export function isThingName(text: string): boolean {
  return text !== '' && text.length <= LONGEST_THING_NAME && Array.from(text).every(isThingNameCharacter);
}

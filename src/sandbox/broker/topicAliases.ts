/** Topic aliases of one connection, in both directions (MQTT 5, section 3.3.2.3.4). They end with it. */
export class TopicAliases {
  readonly #incomingMost: number;
  readonly #outgoingMost: number;
  #incoming = new Map<number, string>();
  #outgoing = new Map<string, number>();

  /**
   * @param incomingMost the highest alias that the client may use
   * @param outgoingMost the highest alias that the client takes
   */
  constructor(incomingMost: number, outgoingMost: number) {
    this.#incomingMost = incomingMost;
    this.#outgoingMost = outgoingMost;
  }

  /** The topic of a publish; an alias is remembered when it comes with one. */
  resolve(topic: string, alias: number | undefined): { topic: string } | { problem: 'invalid' | 'unknown' } {
    if (alias === undefined) return topic === '' ? { problem: 'unknown' } : { topic };
    if (alias === 0 || alias > this.#incomingMost) return { problem: 'invalid' };
    if (topic !== '') this.#incoming.set(alias, topic);
    const found = this.#incoming.get(alias);
    return found === undefined ? { problem: 'unknown' } : { topic: found };
  }

  /** How a topic is sent to the client: the first ones get the aliases. `forget` undoes it when nothing was sent. */
  shorten(topic: string): { topic: string; topicAlias?: number; forget: () => void } {
    const known = this.#outgoing.get(topic);
    if (known !== undefined) return { topic: '', topicAlias: known, forget: () => undefined };
    if (this.#outgoing.size >= this.#outgoingMost) return { topic, forget: () => undefined };
    const topicAlias = this.#outgoing.size + 1;
    this.#outgoing.set(topic, topicAlias);
    return { topic, topicAlias, forget: () => this.#outgoing.delete(topic) };
  }
}

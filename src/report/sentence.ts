/** Sentences whose names and figures stand out where that can be shown. */

/** A piece of a sentence; what is strong is a name or the figure that matters. */
export interface Phrase {
  readonly text: string;
  readonly strong: boolean;
}

export type Sentence = readonly Phrase[];

export function plain(text: string): Phrase {
  return { text, strong: false };
}

export function strong(text: string): Phrase {
  return { text, strong: true };
}

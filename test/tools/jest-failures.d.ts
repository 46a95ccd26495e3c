/** What `jest --json` writes, as far as it is read here. */
export interface JestResults {
  readonly testResults: readonly {
    /** Path of the file. */
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Lines on what failed, at most `most` of them. */
export function failureLines(results: JestResults, most: number): string[];

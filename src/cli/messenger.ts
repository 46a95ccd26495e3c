/**
 * Says things to people (or, with `--log-format json`, to a pipeline) on standard error: one line a message, hints below.
 *
 * Whatever a message quotes (file names, names from an inventory) is made fit for a terminal here. The same sentence is said
 * once, however many parts of a run say it.
 */
import picocolors from 'picocolors';
import type { TextStream } from './environment.js';
import { plainText } from './text.js';

/** Functions that colour a text, or leave it where colours are not wanted. */
export type Colors = ReturnType<typeof picocolors.createColors>;

export type Level = 'info' | 'warning' | 'error';
export type LogFormat = 'text' | 'json';

export interface MessengerOptions {
  readonly format: LogFormat;
  /** Leaves out information; warnings and errors are said always. */
  readonly isQuiet: boolean;
  readonly isColorRefused: boolean;
  readonly color: boolean;
}

/** Something that draws on the same terminal and must be out of the way while a message is written. */
export interface TerminalNeighbour {
  around(write: () => void): void;
}

export class Messenger {
  private readonly stream: TextStream;
  private readonly options: MessengerOptions;
  private readonly colors: Colors;
  private neighbour: TerminalNeighbour | null = null;
  private readonly said = new Set<string>();

  constructor(stream: TextStream, options: MessengerOptions) {
    this.stream = stream;
    this.options = options;
    this.colors = picocolors.createColors(options.color);
  }

  get isColorRefused(): boolean {
    return this.options.isColorRefused;
  }

  /** Whether a progress bar beside the messages is wanted. */
  get showsProgress(): boolean {
    return !this.options.isQuiet && this.options.format === 'text';
  }

  shareTerminalWith(neighbour: TerminalNeighbour): void {
    this.neighbour = neighbour;
  }

  info(message: string): void {
    if (!this.options.isQuiet) this.say('info', message, null);
  }

  warning(message: string, hint: string | null = null): void {
    this.say('warning', message, hint);
  }

  error(message: string, hint: string | null = null): void {
    this.say('error', message, hint);
  }

  private say(level: Level, message: string, hint: string | null): void {
    const key = `${level} ${message}`;
    if (this.said.has(key)) return;
    this.said.add(key);
    const text = this.options.format === 'json' ? jsonLine(level, message, hint) : this.textLines(level, message, hint);
    const write = (): void => {
      this.stream.write(text);
    };
    if (this.neighbour === null) write();
    else this.neighbour.around(write);
  }

  private textLines(level: Level, message: string, hint: string | null): string {
    const hintLine = hint === null ? '' : `  ${plainText(hint)}\n`;
    return `${this.label(level)}${plainText(message)}\n${hintLine}`;
  }

  private label(level: Level): string {
    if (level === 'info') return '';
    return level === 'error' ? this.colors.red('error: ') : this.colors.yellow('warning: ');
  }
}

function jsonLine(level: Level, message: string, hint: string | null): string {
  return `${JSON.stringify(hint === null ? { level, message } : { level, message, hint })}\n`;
}

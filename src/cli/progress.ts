/**
 * The progress bar: what the engine says on its bus, on one line of a terminal. Only there; in a pipe there is none.
 *
 * With a known size: share, bytes, packets per second, time left. Without one (standard input): bytes, rates.
 */
import { clearScreenDown } from 'node:readline';
import type { SingleBar } from 'cli-progress';
import type { EngineEvent } from '../base/events.js';
import { formatBytes, formatDuration, formatShortCount } from '../report/figures.js';
import { columnsOf, type TextStream } from './environment.js';

const MICROSECONDS_PER_SECOND = 1_000_000;
/** A run that is over sooner shows no bar. */
const QUIET_MILLISECONDS = 300;
const MOST_BAR_WIDTH = 30;
const LEAST_BAR_WIDTH = 6;
/** Columns left free at the right, so that a `^C` that the terminal echoes does not begin a new line. */
const MARGIN = 4;

const PHASES: Readonly<Record<Extract<EngineEvent, { type: 'phase' }>['phase'], string>> = {
  inventory: 'Reading the inventory',
  captures: 'Reading',
  joining: 'Joining flows',
  writing: 'Writing',
};

export class ProgressDisplay {
  private readonly stream: TextStream;
  private readonly now: () => number;
  private readonly startedAt: number;
  private bar: SingleBar | null = null;
  private Bar: typeof SingleBar | null = null;
  private phase = '';
  private captureStart = 0;
  private bytes = 0;
  private packets = 0;
  private totalBytes: number | null = null;

  constructor(stream: TextStream, now: () => number) {
    this.stream = stream;
    this.now = now;
    this.startedAt = now();
  }

  /** Loads the bar; until then events are only remembered. */
  async load(): Promise<void> {
    this.Bar = (await import('cli-progress')).default.SingleBar;
  }

  handle(event: EngineEvent): void {
    if (event.type === 'phase') {
      this.phase = PHASES[event.phase];
      if (event.phase === 'captures') this.captureStart = this.now();
    } else if (event.type === 'progress') {
      this.bytes = event.bytes;
      this.packets = event.packets;
      this.totalBytes = event.totalBytes;
    } else {
      return;
    }
    this.show();
  }

  /** Writes to the same terminal without leaving pieces of the bar behind. */
  around(write: () => void): void {
    const isShown = this.bar !== null;
    this.stop();
    write();
    if (isShown) this.show();
  }

  /** Takes the bar away; a later event brings it back. */
  stop(): void {
    if (this.bar === null) return;
    this.bar.stop();
    this.bar = null;
    // What the user typed may have moved the bar down a line.
    clearScreenDown(this.stream);
  }

  /** The line as it is now, for so many columns. */
  line(columns: number): string {
    if (this.phase !== PHASES.captures) return this.phase;
    const milliseconds = Math.max(this.now() - this.captureStart, 1);
    const packetRate = `${formatShortCount(Math.round((this.packets * 1000) / milliseconds))} packets/s`;
    const byteRate = this.bytes / milliseconds;
    if (this.totalBytes === null) {
      return `${this.phase}  ${formatBytes(this.bytes)}  ${formatBytes(Math.round(byteRate * 1000))}/s  ${packetRate}`;
    }
    const share = this.totalBytes === 0 ? 1 : Math.min(this.bytes / this.totalBytes, 1);
    const left = byteRate === 0 ? '' : `  ${this.timeLeft((this.totalBytes - this.bytes) / byteRate)} left`;
    const figures =
      `${Math.floor(share * 100)} %  ${formatBytes(this.bytes)} of ${formatBytes(this.totalBytes)}  ` +
      packetRate +
      left;
    return `${this.phase} ${drawBar(share, columns - this.phase.length - figures.length - MARGIN)}${figures}`;
  }

  private timeLeft(milliseconds: number): string {
    const seconds = Math.max(Math.ceil(milliseconds / 1000), 0);
    return seconds < 60 ? `${seconds} s` : formatDuration(seconds * MICROSECONDS_PER_SECOND);
  }

  private show(): void {
    if (this.Bar === null || this.now() - this.startedAt < QUIET_MILLISECONDS) return;
    if (this.bar !== null) {
      this.bar.update(this.bytes);
      return;
    }
    // linewrap: the bar is cut to the width instead of switching the terminal's wrapping off, which a kill would leave off.
    this.bar = new this.Bar({
      stream: this.stream,
      format: () => this.line(columnsOf(this.stream)),
      clearOnComplete: true,
      linewrap: true,
    });
    this.bar.start(this.totalBytes ?? 1, this.bytes);
  }
}

/** A bar of at most so many columns with the space behind it; nothing where there is no room. */
function drawBar(share: number, room: number): string {
  const width = Math.min(room - 2, MOST_BAR_WIDTH);
  if (width < LEAST_BAR_WIDTH) return '';
  const filled = Math.round(share * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} `;
}

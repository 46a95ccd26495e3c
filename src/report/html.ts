import type { ReportWriter } from './sink.js';
export const writeHtml: ReportWriter = async () => {};

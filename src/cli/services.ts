/** What the command line has done by others, each loaded when it is first needed. Tests give their own. */
import type { AnalysisContext, AnalysisRequest, AnalysisResult, InputDescription } from '../analysis/request.js';
import type { ReportDocument } from '../model/document.js';
import type { FormatName, Sink, WriteOptions } from '../report/index.js';

export interface Services {
  analyze(request: AnalysisRequest, context: AnalysisContext): Promise<AnalysisResult>;
  describeInputs(request: AnalysisRequest, context: AnalysisContext): Promise<readonly InputDescription[]>;
  writeReport(format: FormatName, document: ReportDocument, sink: Sink, options: WriteOptions): Promise<void>;
}

export const SERVICES: Services = {
  async analyze(request, context) {
    const { analyze } = await import('../analysis/analyze.js');
    return analyze(request, context);
  },
  async describeInputs(request, context) {
    const { describeInputs } = await import('../analysis/describe-inputs.js');
    return describeInputs(request, context);
  },
  async writeReport(format, document, sink, options) {
    const { writeReport } = await import('../report/index.js');
    await writeReport(format, document, sink, options);
  },
};

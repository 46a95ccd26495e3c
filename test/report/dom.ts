/** Parses a page without running it. The DOM is jsdom's, as d3-node brings it; only what the tests use has types here. */
import { D3Node } from 'd3-node';

export interface TestElement {
  readonly tagName: string;
  readonly id: string;
  readonly textContent: string;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  getAttribute(name: string): string | null;
  querySelector(selector: string): TestElement | null;
  querySelectorAll(selector: string): Iterable<TestElement>;
  closest(selector: string): TestElement | null;
}

export function parseHtml(html: string): TestElement {
  const Parser = D3Node as unknown as new (options: { container: string }) => { document: TestElement };
  return new Parser({ container: html }).document;
}

/** Parses XML; throws if it is not well-formed. */
export function parseXml(xml: string): TestElement {
  const page = parseHtml('<p>') as TestElement & {
    readonly defaultView: {
      readonly DOMParser: new () => { parseFromString(text: string, type: string): TestElement };
    };
  };
  const root = new page.defaultView.DOMParser().parseFromString(xml, 'text/xml');
  const error = root.querySelector('parsererror');
  if (error !== null) throw new Error(error.textContent);
  return root;
}

export function all(root: TestElement, selector: string): TestElement[] {
  return [...root.querySelectorAll(selector)];
}

/** The one element that matches; throws if there is none. */
export function one(root: TestElement, selector: string): TestElement {
  const [first, second] = all(root, selector);
  if (first === undefined || second !== undefined) throw new Error(`not exactly one ${selector}`);
  return first;
}

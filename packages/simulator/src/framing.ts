export type Frame = string | Uint8Array

/** How a stream's events lie in its bytes. */
export interface Framing {
  readonly contentType: string
  /** `data` is one line of text. */
  event(data: string, name?: string): Frame
  /** A line that readers skip, where the framing has one. */
  keepAlive(text: string): Frame
}

/** Server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html */
export const sse: Framing = {
  contentType: 'text/event-stream; charset=utf-8',
  event: (data, name) => (name === undefined ? `data: ${data}\n\n` : `event: ${name}\ndata: ${data}\n\n`),
  keepAlive: (text) => `: ${text}\n\n`,
}

/** One JSON value a line, https://github.com/ndjson/ndjson-spec; readers skip blank lines. */
export const ndjson: Framing = {
  contentType: 'application/x-ndjson',
  event: (data) => `${data}\n`,
  keepAlive: () => '\n',
}

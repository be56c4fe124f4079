import type { SseEvent } from './sse-parser.ts'

/** The text of one server-sent event. Every kind of line break in `data` becomes a data line of its own. */
export function encodeSseEvent(event: SseEvent): string {
  let text = ''
  if (event.event !== undefined) text += `event: ${oneLine(event.event)}\n`
  if (event.id !== undefined) text += `id: ${oneLine(event.id)}\n`
  return text + dataLines(event.data)
}

/** As `encodeSseEvent`, of data that is known to hold no line break, such as JSON text. */
export function encodeSseLine(data: string): string {
  return `data: ${data}\n\n`
}

/** A line that readers skip: it keeps a quiet connection open. */
export function encodeSseComment(text: string): string {
  return `: ${oneLine(text)}\n\n`
}

function dataLines(data: string): string {
  return `data: ${data.includes('\n') || data.includes('\r') ? data.replace(/\r\n|\r|\n/g, '\ndata: ') : data}\n\n`
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ')
}
